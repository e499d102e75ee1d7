"""PDL 800-D lasers of the tests, by what holds their light back."""

from drivers.laser.pdl_800d import Pdl800D
from tests.drivers.laser.settings import DECLARED, gate_settings, pdl_settings, trigger_settings
from tests.drivers.laser.talking import TalkingGenerator


def triggered(generator: TalkingGenerator, **more: object) -> Pdl800D:
    return Pdl800D("laser", trigger_settings(**more), open_wire=generator)


def gated(generator: TalkingGenerator) -> Pdl800D:
    return Pdl800D("laser", gate_settings(), open_wire=generator)


def uncontrolled() -> Pdl800D:
    laser = Pdl800D("laser", pdl_settings(authority="none", declared={**DECLARED, "triggering": "internal"}))
    laser.connect()
    return laser
