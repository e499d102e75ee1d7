"""The commands of the simulated lSPAD: what each sets, what it answers, and what it starts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import TypeAlias

from simulators.bench import Bench
from simulators.pulses import pulse_rate_hz
from simulators.wire.lspad_settings import PIXELS, LspadSettings

MOST_MS = 86_400_000
MOST_FRAMES = 10_000
TEMPERATURES_C = (41.2, 40.6, 35.8, 31.4)
"""FPGA of the master, FPGA of the slave, main board, board of the chips; they do not change."""


class RefusedError(Exception):
    """A command cannot be obeyed; the text goes out, followed by ERROR."""


@dataclass(frozen=True, slots=True)
class Work:
    """Something that takes time: `what` is a stream (SB, S), counts (I, L) or a TDC calibration (T)."""

    what: str
    duration_s: float
    frames: int = 1


@dataclass(slots=True)
class DeviceState:
    """What the device and its program are set to."""

    tdc_calibrated: bool
    biased: bool = False
    excess_voltage_v: float = 4.0
    dummy_markers: bool = False
    fan: bool = True
    gate: str = "0"
    timeout_s: int = 30
    folder: str = "data"
    lowest_nm: float = 0.0
    highest_nm: float = 0.0
    off: frozenset[int] = field(default_factory=frozenset)


Answer: TypeAlias = "str | Work"


class Commands:
    """Obeys what does not take time, and says what has to be started for what does.

    Only the form of streams and of `R`, and the words "completed", "successful" and "TDC calibration is invalid"
    are known from the vendor's guide; the other answers are in words of ours (unverified).
    """

    def __init__(self, bench: Bench, settings: LspadSettings, who: str) -> None:
        self._bench, self._settings, self._who = bench, settings, who
        first_nm, last_nm = (float(bench.optics.wavelength_nm()[k]) for k in (0, -1))
        self.state = DeviceState(settings.tdc_calibrated, lowest_nm=first_nm, highest_nm=last_nm)
        self._table: dict[str, Callable[[list[str]], Answer]] = {
            "SB": lambda given: Work("SB", _ms(given, 0)),
            "S": lambda given: Work("S", _ms(given, 0)),
            "I": self._intensity,
            "L": self._spectrum,
            "T": self._tdc,
            "R": lambda _: self._readings(),
            "D": self._system,
            "TO": self._timeout,
            "F": self._fan,
            "N": self._markers,
            "POW": self._power,
            "V": self._voltage,
            "G": self._gate,
            "M": self._mask,
        }

    def obey(self, line: str) -> Answer:
        """Return the text to answer, or what has to be started. Raises `RefusedError`."""
        name, *given = (part.strip() for part in line.split(","))
        handler = self._table.get(name)
        if handler is None:
            raise RefusedError(f"unknown command {line[:80]!r}")
        return handler(given)

    def _intensity(self, given: list[str]) -> Answer:
        if len(given) > 2 and _whole(given, 2, 1, MOST_FRAMES) > 1:
            raise RefusedError("gate steps are not simulated")
        return Work("I", _ms(given, 0), _whole(given, 1, 1, MOST_FRAMES) if len(given) > 1 else 1)

    def _spectrum(self, given: list[str]) -> Answer:
        if given[:1] == ["min"]:
            self.state.lowest_nm = _number(given, 1, 100, 2000)
            return f"minimum wavelength {self.state.lowest_nm:g} nm"
        if given[:1] == ["max"]:
            self.state.highest_nm = _number(given, 1, 100, 2000)
            return f"maximum wavelength {self.state.highest_nm:g} nm"
        return Work("L", _ms(given, 0), _whole(given, 1, 1, MOST_FRAMES) if len(given) > 1 else 1)

    def _tdc(self, given: list[str]) -> Answer:
        if given == ["v", "1"]:
            return f"TDC calibration is {'valid' if self.state.tdc_calibrated else 'invalid'}"
        if given == ["c", "1"]:
            return Work("T", self._settings.tdc_calibration_s)
        raise RefusedError("of T only T,v,1 and T,c,1 are simulated")

    def _readings(self) -> Answer:
        dwell_hz = self._settings.dwell_marker_rate_hz if self.state.dummy_markers else 0.0
        clocks_hz = (pulse_rate_hz(self._bench), 0.0, 0.0, dwell_hz)
        return ",".join([*(f"{value:.1f}" for value in TEMPERATURES_C), *(f"{value:.0f}" for value in clocks_hz)])

    def _system(self, given: list[str]) -> Answer:
        if not given:
            return f"{self._who}, software 1.0, firmware 1.0, hardware 1.0, features: timestamping, gating"
        if not Path(given[0]).is_dir():
            raise RefusedError(f"no such folder: {given[0][:200]}")
        self.state.folder = given[0]
        return given[0]

    def _timeout(self, given: list[str]) -> Answer:
        self.state.timeout_s = max(5, 5 * round(_number(given, 0, 0, 86_400) / 5))
        return f"time-out {self.state.timeout_s} s"

    def _fan(self, given: list[str]) -> Answer:
        self.state.fan = _switch(given)
        return f"fan {_on(self.state.fan)}"

    def _markers(self, given: list[str]) -> Answer:
        self.state.dummy_markers = _switch(given)
        return f"dummy clock markers {_on(self.state.dummy_markers)}"

    def _power(self, given: list[str]) -> Answer:
        self.state.biased = _switch(given)
        return f"VDD {_on(self.state.biased)}"

    def _voltage(self, given: list[str]) -> Answer:
        if not given:
            return f"{self.state.excess_voltage_v:g}"
        self.state.excess_voltage_v = _number(given, 0, 4, 9)
        return f"Vex set to {self.state.excess_voltage_v:g} V"

    def _gate(self, given: list[str]) -> Answer:
        if _switch(given[:1]):
            raise RefusedError("the gate is not simulated")
        return "gate off"

    def _mask(self, given: list[str]) -> Answer:
        path = Path(",".join(given))
        try:
            positions = [int(line) for line in path.read_text(encoding="utf-8").split()]
        except (OSError, ValueError, UnicodeDecodeError) as error:
            raise RefusedError(f"the mask cannot be read: {error}") from error
        if any(not 0 <= position < PIXELS for position in positions):
            raise RefusedError(f"the mask must name positions 0 ... {PIXELS - 1}")
        self.state.off = frozenset(positions)
        return "mask programming successful"


def _number(given: list[str], place: int, low: float, high: float) -> float:
    try:
        value = float(given[place])
    except (IndexError, ValueError):
        raise RefusedError(f"parameter {place + 1} must be a number") from None
    if not (isfinite(value) and low <= value <= high):
        raise RefusedError(f"parameter {place + 1} must be {low:g} ... {high:g}")
    return value


def _whole(given: list[str], place: int, low: int, high: int) -> int:
    value = _number(given, place, low, high)
    if value != int(value):
        raise RefusedError(f"parameter {place + 1} must be a whole number")
    return int(value)


def _ms(given: list[str], place: int) -> float:
    return 1e-3 * _whole(given, place, 1, MOST_MS)


def _switch(given: list[str]) -> bool:
    return bool(_whole(given, 0, 0, 1))


def _on(value: bool) -> str:
    return "on" if value else "off"
