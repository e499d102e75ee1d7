"""A generator in memory: the brain of the simulator without its port, whose answers a test may change."""

from collections.abc import Callable

from pymeasure.adapters import Adapter
from pyvisa.constants import StatusCode
from pyvisa.errors import VisaIOError

from drivers.laser.generator import Generator, generator_of, instrument_class
from drivers.laser.generator_settings import GeneratorSettings
from simulators.bench import Bench
from simulators.sample import Emitter, MicrostatePhotophysics, Sample
from simulators.wire.scpi_generator import ScpiGeneratorServer

Change = Callable[[str, str], str | None]


def bench() -> Bench:
    emitter = Emitter(photophysics=MicrostatePhotophysics(kind="microstate"))
    return Bench(Sample(name="one", emitters=(emitter,)), seed=1)


class TalkingGenerator:
    """What `Pdl800D` opens. `change` gets each question and its answer, and returns what is heard; None is silence."""

    def __init__(self, brain: ScpiGeneratorServer | None = None, change: Change | None = None) -> None:
        self.brain = brain or ScpiGeneratorServer("laser", bench())
        self.change = change
        self.said: list[str] = []
        self.refused = 0
        self.opened = 0

    def __call__(self, settings: GeneratorSettings) -> Generator:
        if self.refused:
            self.refused -= 1
            raise ConnectionRefusedError("nobody is there")
        self.opened += 1
        return generator_of(settings.model, instrument_class(settings.model)(_Memory(self)), settings.channel)

    def hear(self, command: str) -> str | None:
        self.said.append(command)
        answer = self.brain.answer(command.encode()).decode().rstrip("\n")
        if "?" not in command:
            return None
        return answer if self.change is None else self.change(command, answer)


class _Memory(Adapter):
    def __init__(self, generator: TalkingGenerator) -> None:
        super().__init__()
        self._generator = generator
        self._answer: str | None = None

    def _write(self, command: str, **kwargs: object) -> None:
        self._answer = self._generator.hear(command)

    def _read(self, **kwargs: object) -> str:
        if self._answer is None:
            raise VisaIOError(StatusCode.error_timeout)
        return self._answer

    def close(self) -> None:
        self._answer = None
