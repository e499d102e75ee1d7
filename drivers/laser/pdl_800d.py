"""The PicoQuant PDL 800-D: a laser driver without computer interface, whose settings a person declares."""

from collections.abc import Mapping
from types import MappingProxyType

from drivers.interfaces.device import Identity, Limits, PlainValue
from drivers.interfaces.errors import FaultError, OperatorNeeded, StateError
from drivers.interfaces.laser import LaserAuthority, LaserStatus, PulsedLaser
from drivers.interfaces.rescue import Rescue
from drivers.interfaces.shutter import Shutter
from drivers.laser.gate_control import GateControl
from drivers.laser.generator import open_generator
from drivers.laser.generator_control import OpenWire
from drivers.laser.generator_settings import LASER_HIGH_HZ, LOWEST_RATE_HZ, GeneratorSettings
from drivers.laser.light_control import LightControl, ShutterControl
from drivers.laser.pdl_800d_settings import Pdl800DSettings
from drivers.laser.trigger_control import TriggerControl

INTERNAL_LOW_HZ = 31_250.0
"""Lowest rate of its own clock, 1 MHz / 32; from memory, unverified."""

SAME = 1e-9
"""Relative difference up to which a setting is the one that was declared."""

UNCONTROLLED = "LASER NOT UNDER CONTROL: "


class Pdl800D(PulsedLaser):
    """A PDL 800-D; unverified on hardware.

    It never reports a set that nobody performed: what is at its front panel raises `OperatorNeeded` unless it is
    declared so already, and what a person declared stands in `declared`. `interlock_closed` is always declared
    (true), as nothing reads it.

    Authority of software, by the rig file:

    ``trigger``
        A function generator makes its pulses. Emission is the output of the generator, read back each time; the
        repetition rate is set there.
    ``gate``
        A function generator drives its gate: emission is the level of the gate, read back each time.
    ``shutter``
        The laser shines all the time. Emission means that the shutter may open: switching it on does not open the
        shutter, switching it off closes it. While it is off, this driver cannot keep another one from opening the
        shutter; the guards of the rig do. An open shutter counts as emission.
    ``none``
        Emission is what a person declared; until then it counts as on, as nobody knows. Making it safe raises
        `FaultError` unless it was declared off.

    Parameters
    ----------
    name : str
        Name in the rig.
    settings : Pdl800DSettings
        What is declared, and what holds the light back.
    shutter : Shutter, optional
        Of the rig; needed with authority ``shutter``.
    open_wire : callable, optional
        Opens the connection to a generator; over VISA by default.

    Raises
    ------
    StateError
        If the authority is the shutter and there is none.
    """

    def __init__(
        self,
        name: str,
        settings: Pdl800DSettings,
        shutter: Shutter | None = None,
        open_wire: OpenWire = open_generator,
    ) -> None:
        super().__init__(name)
        self._settings = settings
        self._control = _control(name, settings, shutter, open_wire)
        self._rate_hz = settings.declared.repetition_rate_hz
        self._intensity_percent = settings.declared.intensity_percent
        self._emission: bool | None = None
        self._means = ""

    @property
    def authority(self) -> LaserAuthority:
        """What lets software take the light off the sample."""
        return self._settings.authority

    @property
    def declared(self) -> frozenset[str]:
        """Fields of `LaserStatus` that a person has declared."""
        fields = {"intensity_percent", "interlock_closed"}
        if self.authority is not LaserAuthority.TRIGGER:
            fields.add("repetition_rate_hz")
        if self.authority is LaserAuthority.NONE:
            fields.add("emission")
        return frozenset(fields)

    @property
    def connected(self) -> bool:
        """Whether what holds the light back can be talked to."""
        return self._connected and not (self._control is not None and self._control.lost)

    @property
    def identity(self) -> Identity:
        """The laser, which tells neither serial number nor firmware; `settings` has what is declared of it."""
        self.require_connected()
        return Identity("PicoQuant", "PDL 800-D", "", "", simulated=self._settings.simulated)

    @property
    def limits(self) -> Mapping[str, Limits]:
        """Allowed repetition rate (of its clock, or of what triggers it) and intensity."""
        low_hz, high_hz = INTERNAL_LOW_HZ, LASER_HIGH_HZ
        if self._settings.declared.triggering == "external":
            low_hz = LOWEST_RATE_HZ
        if self._settings.generator is not None:
            high_hz = self._settings.generator.rate_high_hz
        return MappingProxyType(
            {"repetition_rate_hz": Limits(low_hz, high_hz), "intensity_percent": Limits(0.0, 100.0)}
        )

    def connect(self) -> None:
        """Connect what holds the light back, and hold it back."""
        if self.connected:
            return
        if self._control is not None:
            self._means = self._control.connect(simulated=self._settings.simulated)
        self._connected = True

    def close(self) -> None:
        """Hold the light back and disconnect. With authority ``none`` raises `FaultError` if declared on."""
        if not self._connected and not (self._control is not None and self._control.may_shine):
            return
        try:
            if self._control is not None:
                self._control.make_safe()
            elif self._emission:
                self.make_safe()
        finally:
            self._connected = False
            if self._control is not None:
                self._control.close()

    def make_safe(self) -> None:
        """Hold the light back.

        Raises
        ------
        FaultError
            With authority ``none``, unless the laser was declared off.
        CommunicationError
            If it is not certain that it is dark.
        """
        if self._control is not None:
            self._control.make_safe()
        elif self._emission is not False and self._connected:
            raise FaultError(
                self.name,
                f"{UNCONTROLLED}no software can switch it off; turn the key switch of the PDL 800-D now",
            )

    def set_repetition_rate_hz(self, value: float) -> None:
        """Set the repetition rate at the generator, or ask a person to."""
        self.require_connected()
        self.limits["repetition_rate_hz"].check(self.name, "repetition_rate_hz", value)
        if isinstance(self._control, TriggerControl):
            self._control.set_rate(value)
        elif not _same(value, self._rate_hz):
            where = "at its front panel"
            if self._settings.declared.triggering == "external":
                where = "at what triggers it"
            raise OperatorNeeded(
                self.name,
                f"set the repetition rate of the PDL 800-D to {_frequency(value)} {where}",
                lambda: self._declare_rate(value),
            )

    def set_intensity_percent(self, value: float) -> None:
        """Ask a person to turn the intensity knob, unless it is declared to be there."""
        self.require_connected()
        self.limits["intensity_percent"].check(self.name, "intensity_percent", value)
        if not _same(value, self._intensity_percent):
            raise OperatorNeeded(
                self.name,
                f"turn the intensity knob of the PDL 800-D to {value:g} %",
                lambda: self._declare_intensity(value),
            )

    def set_emission(self, on: bool) -> None:
        """Let light through or hold it back; with authority ``none`` ask a person to switch the laser."""
        self.require_connected()
        if self._control is not None:
            if on:
                self._control.allow()
            else:
                self._control.make_safe()
        elif self._emission is not on:
            request = f"switch the PDL 800-D {'on' if on else 'off'} at its key switch"
            raise OperatorNeeded(self.name, request, lambda: self._declare_emission(on=on))

    def status(self) -> LaserStatus:
        """Read back what can be read; the rest is as declared."""
        self.require_connected()
        control = self._control
        rate_hz = control.rate() if isinstance(control, TriggerControl) else self._rate_hz
        emission = self._emission is not False if control is None else control.allowed()
        return LaserStatus(rate_hz, self._intensity_percent, emission, interlock_closed=True)

    def settings(self) -> Mapping[str, PlainValue]:
        """Return what was set or declared."""
        control = self._control
        return {
            "authority": str(self.authority),
            "head": self._settings.declared.head,
            "triggering": self._settings.declared.triggering,
            "repetition_rate_hz": control.set_rate_hz if isinstance(control, TriggerControl) else self._rate_hz,
            "intensity_percent": self._intensity_percent,
            "declared": ", ".join(sorted(self.declared)),
            **self._held_back_by(),
        }

    def _held_back_by(self) -> dict[str, PlainValue]:
        """Return what holds the light back: what it says of itself, and the generator of the rig file."""
        said = self._settings
        generator: GeneratorSettings | None = said.generator if said.gate is None else said.gate.generator
        found: dict[str, PlainValue] = {"held_back_by": self._means} if self._means else {}
        if generator is None:
            return found
        return {**found, "generator": generator.model, "generator_address": generator.address}

    def readings(self) -> Mapping[str, PlainValue]:
        """Return what generator or shutter report now; the laser itself reports nothing."""
        self.require_connected()
        return {} if self._control is None else self._control.readings()

    def rescue(self) -> Rescue | None:
        """Return how another process makes it dark; None if nothing does, or the shutter does."""
        return None if self._control is None else self._control.rescue()

    def _declare_rate(self, value: float) -> None:
        self._rate_hz = value

    def _declare_intensity(self, value: float) -> None:
        self._intensity_percent = value

    def _declare_emission(self, *, on: bool) -> None:
        self._emission = on


def _control(name: str, settings: Pdl800DSettings, shutter: Shutter | None, open_wire: OpenWire) -> LightControl | None:
    """Return what holds the light back; None if nothing does."""
    if settings.generator is not None:
        return TriggerControl(name, settings.generator, settings.declared.repetition_rate_hz, open_wire)
    if settings.gate is not None:
        return GateControl(name, settings.gate, open_wire)
    if settings.authority is LaserAuthority.SHUTTER:
        if shutter is None:
            raise StateError(name, "authority: shutter needs a role `shutter` in the rig file; add it")
        return ShutterControl(name, shutter)
    return None


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= SAME * max(abs(one), abs(other))


def _frequency(value_hz: float) -> str:
    for unit, scale in (("MHz", 1e6), ("kHz", 1e3)):
        if value_hz >= scale:
            return f"{value_hz / scale:g} {unit}"
    return f"{value_hz:g} Hz"
