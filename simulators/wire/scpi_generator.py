"""A simulated function generator on a TCP port, whose output triggers the laser of the bench or opens its gate."""

import asyncio
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Literal

from drivers.wire.whose import SIMULATOR_MARK
from simulators.bench import Bench
from simulators.wire.generator_channel import GeneratorChannel, ParameterError
from simulators.wire.lines import LineServer
from simulators.wire.scpi import Command, ErrorQueue, HeaderError, number, split_line, switched

TRIGGER_LEVEL_V = 0.5
GATE_LEVEL_V = 1.5
DAMAGE_V = 5.0
LOOK_EVERY_S = 0.02
"""How often the beam is looked after where nobody sends a command: faults come and go by themselves."""

OPTIONAL = ("SOUR", "FIX", "SHAP", "AMPL", "LEV", "IMM")
"""Nodes that may be left out."""


class ScpiGeneratorServer(LineServer):
    """A generator of two channels and the laser behind it, whose knob is the intensity of the beam of the bench.

    As real ones do, it clips what is out of range and says so only in its error queue, answers nothing to a
    question that it does not know, and keeps its output when the connection ends.

    Parameters
    ----------
    role : str
        Of the laser in its rig.
    bench : Bench
        The world that the laser shines into.
    port : int
        TCP port; 0 for any that is free.
    channel : int
        The output that is connected to the laser.
    purpose : {"trigger", "gate"}
        What it is connected to. With a gate the laser runs on its own clock; an open gate input counts as open.
    intensity_percent : float
        Where the intensity knob of the laser is at first.
    repetition_rate_hz : float
        Of the laser's own clock; counts with a gate.
    model : str
        What ``*IDN?`` says after the mark of a simulator.
    """

    def __init__(
        self,
        role: str,
        bench: Bench,
        port: int = 0,
        *,
        channel: int = 1,
        purpose: Literal["trigger", "gate"] = "trigger",
        intensity_percent: float = 0.0,
        repetition_rate_hz: float = 1e6,
        model: str = "33250A",
    ) -> None:
        super().__init__(role, bench, port)
        self._connected, self._purpose, self._model = channel, purpose, model
        self._intensity_percent, self._own_rate_hz = intensity_percent, repetition_rate_hz
        self._channels = {1: GeneratorChannel(), 2: GeneratorChannel()}
        self._errors = ErrorQueue()
        self._damaged = False
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen, and let the laser follow. Raises `OSError` if the port is taken."""
        await super().start()
        with self.bench.lock:
            self.bench.beam.intensity_percent = self._intensity_percent
        self._shine()
        self._looking = asyncio.create_task(self._look_after_the_beam())

    async def stop(self) -> None:
        """Hang up on everybody and stop listening; no effect if stopped."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        await super().stop()

    def state(self) -> Mapping[str, str | float | int | bool | None]:
        """Return what an onlooker sees of generator and laser."""
        channel = self._channels[self._connected]
        low_v, high_v = channel.levels_at_50_ohm()
        with self.bench.lock:
            emission, intensity_percent = self.bench.beam.emission, self.bench.beam.intensity_percent
        return {
            "output": channel.output,
            "frequency_hz": channel.frequency_hz,
            "low_v": low_v,
            "high_v": high_v,
            "shape": channel.shape,
            "damaged": self._damaged,
            "emission": emission,
            "intensity_percent": intensity_percent,
        }

    def answer(self, line: bytes) -> bytes:
        """Do all commands of a line and return the answers to its questions."""
        answers = []
        try:
            for command in split_line(line.decode("ascii", "replace")):
                said = self._obey(command)
                if said is not None:
                    answers.append(said)
        except ParameterError as error:
            self._errors.add(str(error))
        except HeaderError:
            self._errors.add('-113,"Undefined header"')
        self._shine()
        return (";".join(answers) + "\n").encode() if answers else b""

    def _obey(self, command: Command) -> str | None:
        nodes = tuple(node for node in command.nodes if node not in OPTIONAL) or command.nodes
        common = self._common(nodes, asked=command.is_question)
        if common is not None:
            return common or None
        channel = self._channels.get(command.channel or 1)
        if channel is None:
            raise HeaderError(command.channel)
        if command.is_question:
            question = _QUESTIONS.get(nodes)
            if question is None:
                raise HeaderError(nodes)
            if self._model.startswith("DG8") and nodes == ("OUTP",):
                return "ON" if channel.output else "OFF"  # Rigol says it in words
            return question(channel)
        setting = _SETTINGS.get(nodes)
        if setting is None:
            raise HeaderError(nodes)
        setting(channel, command.value)
        return None

    def _common(self, nodes: tuple[str, ...], *, asked: bool) -> str | None:
        """Return the answer to a command that concerns no channel, empty if it has none; None if it is no such."""
        if asked:
            identity = f"{SIMULATOR_MARK},{self._model},0,1.0"
            answers = {("*IDN",): lambda: identity, ("*OPC",): lambda: "1", ("SYST", "ERR"): self._errors.take}
            return answers[nodes]() if nodes in answers else None
        if nodes == ("*CLS",):
            self._errors.clear()
        elif nodes == ("*RST",):
            self._channels = {1: GeneratorChannel(), 2: GeneratorChannel()}
        else:
            return None
        return ""

    async def _look_after_the_beam(self) -> None:
        with suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(LOOK_EVERY_S)
                self._shine()

    def _shine(self) -> None:
        """Let the beam of the bench be as the output says."""
        channel = self._channels[self._connected]
        low_v, high_v = channel.levels_at_50_ohm()
        self._damaged = self._damaged or max(abs(low_v), abs(high_v)) > DAMAGE_V * (1 + 1e-6)
        gate = self._purpose == "gate"
        if gate:
            fires = not channel.output or high_v >= GATE_LEVEL_V
        else:
            fires = channel.output and low_v < TRIGGER_LEVEL_V <= high_v
        stopped = self.bench.faults.active("laser_stops") is not None
        with self.bench.lock:
            beam = self.bench.beam
            beam.emission = fires and beam.interlock_closed and not stopped and not self._damaged
            beam.repetition_rate_hz = self._own_rate_hz if gate else channel.frequency_hz


def _said(value: float) -> str:
    """Return a number as Agilent's generators write it; infinity is 9.9E+37."""
    return "9.9E+37" if math.isinf(value) else f"{value:+.12E}"


def _set_load(channel: GeneratorChannel, value: str) -> None:
    load_ohm = number(value)
    if not load_ohm >= 1:
        raise ParameterError('-222,"Data out of range"')
    channel.load_ohm = load_ohm


def _set_shape(channel: GeneratorChannel, value: str) -> None:
    channel.set_shape(value.upper()[:4] if value.upper().startswith(("PULS", "RAMP", "NOIS")) else value.upper()[:3])


def _set_limit(channel: GeneratorChannel, value: str, *, index: int) -> None:
    limits = list(channel.limit_v or (-10.0, 10.0))
    limits[index] = number(value)
    channel.limit_v = (limits[0], limits[1])


_QUESTIONS: Mapping[tuple[str, ...], Callable[[GeneratorChannel], str]] = {
    ("FUNC",): lambda channel: channel.shape,
    ("FREQ",): lambda channel: _said(channel.frequency_hz),
    ("VOLT",): lambda channel: _said((channel.high_v - channel.low_v) * channel.displayed),
    ("VOLT", "HIGH"): lambda channel: _said(channel.high_v * channel.displayed),
    ("VOLT", "LOW"): lambda channel: _said(channel.low_v * channel.displayed),
    ("VOLT", "OFFS"): lambda channel: _said((channel.high_v + channel.low_v) / 2 * channel.displayed),
    ("OUTP",): lambda channel: str(int(channel.output)),
    ("OUTP", "STAT"): lambda channel: str(int(channel.output)),
    ("OUTP", "LOAD"): lambda channel: _said(channel.load_ohm),
    ("FUNC", "PULS", "WIDT"): lambda channel: _said(channel.pulse_width_s),
    ("PULS", "WIDT"): lambda channel: _said(channel.pulse_width_s),
    ("VOLT", "LIM", "STAT"): lambda channel: str(int(channel.limit_v is not None)),
}

_SETTINGS: Mapping[tuple[str, ...], Callable[[GeneratorChannel, str], None]] = {
    ("FUNC",): _set_shape,
    ("FREQ",): lambda channel, value: channel.set_frequency(number(value)),
    ("VOLT",): lambda channel, value: channel.set_amplitude(number(value)),
    ("VOLT", "UNIT"): lambda channel, value: None,
    ("VOLT", "HIGH"): lambda channel, value: channel.set_displayed(high_v=number(value)),
    ("VOLT", "LOW"): lambda channel, value: channel.set_displayed(low_v=number(value)),
    ("VOLT", "OFFS"): lambda channel, value: channel.set_offset(number(value)),
    ("OUTP",): lambda channel, value: setattr(channel, "output", switched(value)),
    ("OUTP", "STAT"): lambda channel, value: setattr(channel, "output", switched(value)),
    ("OUTP", "LOAD"): _set_load,
    ("FUNC", "PULS", "WIDT"): lambda channel, value: channel.set_pulse_width(number(value)),
    ("PULS", "WIDT"): lambda channel, value: channel.set_pulse_width(number(value)),
    ("VOLT", "LIM", "HIGH"): lambda channel, value: _set_limit(channel, value, index=1),
    ("VOLT", "LIM", "LOW"): lambda channel, value: _set_limit(channel, value, index=0),
    ("VOLT", "LIM", "STAT"): lambda channel, value: None,
}
