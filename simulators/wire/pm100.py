"""A simulated power meter on a TCP port, with its sensor at the place of the sample of the bench."""

from collections.abc import Callable, Mapping

from drivers.wire.whose import SIMULATOR_MARK
from simulators.bench import Bench
from simulators.power_meter import PowerMeterSettings, SimulatedPowerMeter
from simulators.wire.lines import LineServer
from simulators.wire.scpi import Command, HeaderError, split_line

SENSOR = "S130C,2601010,01-Jan-2026,1,18,33"
"""Name, serial number, calibration, type, subtype and flags: it measures power (1) at a wavelength to be set (32)."""


class Pm100Server(LineServer):
    """A meter of the PM100 family. It clips wavelengths, and answers nothing to a question that it does not know.

    Parameters
    ----------
    role : str
        Of the meter in its rig.
    bench : Bench
        The world whose light it measures.
    port : int
        TCP port; 0 for any that is free.
    settings : PowerMeterSettings, optional
        Energy of the pulses, and noise.
    """

    def __init__(self, role: str, bench: Bench, port: int = 0, settings: PowerMeterSettings | None = None) -> None:
        super().__init__(role, bench, port)
        self._meter = SimulatedPowerMeter(role, bench, settings)
        self._meter.connect()
        self._wavelength_nm = 635.0
        self._answers: Mapping[tuple[str, ...], Callable[[], str]] = {
            ("*IDN",): lambda: f"Thorlabs,{SIMULATOR_MARK} PM100USB,P0000001,1.7.0",
            ("SYST", "SENS", "IDN"): lambda: SENSOR,
            ("MEAS", "POW"): lambda: f"{self._meter.power_w():.8E}",
            ("SYST", "ERR"): lambda: '+0,"No error"',
        }

    def state(self) -> Mapping[str, str | float | int | bool | None]:
        """Return what an onlooker sees."""
        return {"wavelength_nm": self._wavelength_nm}

    def answer(self, line: bytes) -> bytes:
        """Obey a line and return the answers to its questions."""
        try:
            said = [self._obey(command) for command in split_line(line.decode("ascii", "replace"))]
        except (HeaderError, ValueError):
            return b""
        found = [text for text in said if text]
        return (";".join(found) + "\n").encode() if found else b""

    def _obey(self, command: Command) -> str:
        if command.nodes == ("SENS", "CORR", "WAV"):
            limits = self._meter.limits["wavelength_nm"]
            if not command.is_question:
                self._wavelength_nm = min(max(float(command.value), limits.low), limits.high)
                return ""
            asked = {"MIN": limits.low, "MAX": limits.high, "": self._wavelength_nm}
            return f"{asked[command.value.upper()]:.6E}" if command.value.upper() in asked else ""
        if command.is_question and command.nodes in self._answers:
            return self._answers[command.nodes]()
        return ""
