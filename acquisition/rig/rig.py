"""A set of instruments in their roles."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from types import MappingProxyType
from typing import Any

from acquisition.analysis.recording import Calibration
from acquisition.rig.arming import Arming
from acquisition.rig.connecting import connect_all
from acquisition.rig.fingerprint import of_devices, of_world
from acquisition.rig.guards import (
    GuardedAttenuator,
    GuardedCamera,
    GuardedFocus,
    GuardedLaser,
    GuardedPowerMeter,
    GuardedShutter,
    GuardedSpectrograph,
    GuardedStage,
    guarded_array,
    guarded_heater,
)
from acquisition.rig.holding import Holding
from acquisition.rig.keeper import Keeper
from acquisition.rig.latch import SafetyLatch
from acquisition.rig.limits import RigLimits
from acquisition.rig.reconnecting import Reconnecting
from acquisition.rig.safe_order import in_safe_order
from acquisition.rig.safety import DEVICE_TIMEOUT_S, for_each
from drivers.interfaces.attenuator import Attenuator
from drivers.interfaces.camera import SpectrographCamera
from drivers.interfaces.clock import Clock, WallClock
from drivers.interfaces.closing import Closing
from drivers.interfaces.device import Device
from drivers.interfaces.focus import FocusDrive
from drivers.interfaces.heater import HeatedSubstrate
from drivers.interfaces.laser import PulsedLaser
from drivers.interfaces.power_meter import PowerMeter
from drivers.interfaces.rescue import Rescue
from drivers.interfaces.shutter import Shutter
from drivers.interfaces.spad_array import SpadArray
from drivers.interfaces.spectrograph import Spectrograph
from drivers.interfaces.stage import XYStage
from simulators.bench import Bench


class Rig(Closing):
    """Connected instruments, with limits and calibrations; made by `open_rig`.

    Its instruments are guarded: they refuse what is beyond the limits of the rig, and after
    `make_safe` no source goes on before `arm`.

    Parameters
    ----------
    name : str
        As in the rig file.
    laser, spad_array, shutter, heater, stage, spectrograph, camera, attenuator, power_meter, focus : instruments
        All but laser and SPAD array may be None.
    spectrograph_shared : bool, optional
        Whether the SPAD array looks into the spectrograph, whose lights harm it during a move.
    clock : Clock
        The time of the rig.
    limits : RigLimits
        What the rig as a whole stands.
    calibration : Calibration
        What is known of the detector.
    calibration_hashes : mapping
        SHA-256 of each calibration file by its key.
    bench : Bench or None
        The simulated world, if there is one.
    sample_file : mapping, optional
        ``file`` and ``sha256`` of the sample of that world.
    required_metadata : sequence of str, optional
        Names that the metadata of every run must give.

    Attributes
    ----------
    disk : callable or None
        What a simulated bad disk does before each writing; None if the disk is as it is.
    planned_faults : tuple of mapping
        What shall break in its simulated world, wherever that is, as a rig file says it.
    keeper : Keeper or None
        What looks after the rig from outside until it is closed.
    holding : Holding or None
        What keeps other programs away from it until then.
    """

    def __init__(
        self,
        name: str,
        *,
        laser: PulsedLaser,
        spad_array: SpadArray,
        shutter: Shutter | None,
        heater: HeatedSubstrate | None,
        stage: XYStage | None = None,
        spectrograph: Spectrograph | None = None,
        spectrograph_shared: bool = False,
        camera: SpectrographCamera | None = None,
        attenuator: Attenuator | None = None,
        power_meter: PowerMeter | None = None,
        focus: FocusDrive | None = None,
        clock: Clock,
        limits: RigLimits,
        calibration: Calibration,
        calibration_hashes: Mapping[str, str],
        bench: Bench | None,
        sample_file: Mapping[str, str] | None = None,
        required_metadata: Sequence[str] = (),
    ) -> None:
        self.name = name
        self._latch = SafetyLatch()
        self.arming = Arming(self._latch)
        self._reconnecting = Reconnecting(lambda: None if self.keeper is None else self.keeper.reconnected())
        self.laser = GuardedLaser(laser, limits, self._latch)
        self.spad_array = guarded_array(spad_array, limits, self._latch, self.laser.make_safe)
        self.shutter = None if shutter is None else GuardedShutter(shutter, self._latch, laser)
        self.heater = guarded_heater(heater, limits, self._latch)
        self.stage = None if stage is None else GuardedStage(stage, self._latch)
        self.spectrograph = self._guarded(spectrograph, shared=spectrograph_shared)
        self.camera = None if camera is None else GuardedCamera(camera, limits, self._latch)
        self.attenuator = None if attenuator is None else GuardedAttenuator(attenuator, self._latch)
        self.power_meter = None if power_meter is None else GuardedPowerMeter(power_meter, self._latch)
        self.focus = None if focus is None else GuardedFocus(focus, self._latch)
        self.clock, self.limits, self.calibration = clock, limits, calibration
        self._calibration_hashes = dict(calibration_hashes)
        self._bench, self._sample_file = bench, dict(sample_file or {})
        self.required_metadata = tuple(required_metadata)
        self.disk: Callable[[], None] | None = None
        self.planned_faults: tuple[Mapping[str, Any], ...] = ()
        self.keeper: Keeper | None = None
        self.holding: Holding | None = None

    def _guarded(self, spectrograph: Spectrograph | None, *, shared: bool) -> GuardedSpectrograph | None:
        """Return the spectrograph; one that the SPAD array looks into, too, moves only while the bias is off."""
        if spectrograph is None:
            return None
        array = self.spad_array
        guarded = GuardedSpectrograph(
            spectrograph,
            self._latch,
            harms=lambda: "the bias of the SPAD array is on" if shared and array.bias_may_be_on else None,
        )
        if shared:
            array.harmed_by = lambda: "the spectrograph before it is moving" if guarded.moving else None
        return guarded

    @property
    def devices(self) -> Mapping[str, Device]:
        """The instruments by role."""
        roles: dict[str, Device | None] = {
            "laser": self.laser,
            "shutter": self.shutter,
            "attenuator": self.attenuator,
            "power_meter": self.power_meter,
            "heater": self.heater,
            "stage": self.stage,
            "focus": self.focus,
            "camera": self.camera,
            "spectrograph": self.spectrograph,  # after the camera, through which it may be reached
            "spad_array": self.spad_array,
        }
        return MappingProxyType({role: device for role, device in roles.items() if device is not None})

    @property
    def simulated(self) -> bool:
        """Whether any instrument is not hardware."""
        return any(device.identity.simulated for device in self.devices.values())

    @property
    def on_simulated_time(self) -> bool:
        """Whether its time waits for the program; that of real instruments and of simulated wires does not."""
        return not isinstance(self.clock, WallClock)

    def connect(self) -> None:
        """Connect every instrument; each is safe afterwards. Errors as of `connect_all`."""
        connect_all(self.devices, self.close)
        self._reconnecting.begin()

    def check_temperature_c(self, temperature_c: float) -> None:
        """Raise `RangeError`, naming the part that sets the limit, if the rig does not stand the temperature."""
        self.limits.check_temperature_c(temperature_c, self.heater)

    def arm(self) -> None:
        """Allow sources to be switched on again after `make_safe`; done when a run starts.

        Raises
        ------
        StateError
            If the rig is just being made safe, or is to be watched from outside and is not.
        """
        self.arming.arm()

    def make_safe(self, timeout_s: float = DEVICE_TIMEOUT_S) -> None:
        """Make every instrument safe, from any thread at any time, each in at most `timeout_s` of wall time.

        The order is that of `acquisition.rig.safe_order.SAFE_ORDER`. Nothing goes on afterwards before `arm`, also
        by a call that was under way.

        Raises
        ------
        NotSafeError
            After all were tried, if one failed or hung.
        """
        with self.arming.making_safe():
            for_each("make safe:", in_safe_order(self.devices), self._reconnecting.make_safe, timeout_s)

    def reconnect(self, role: str) -> None:
        """Connect the instrument of a role anew, safe; the others stay as they are. Raises `DeviceError`."""
        self._reconnecting.reconnect(self.devices[role])

    def reconnect_lost(self) -> list[str]:
        """Connect those instruments anew whose connection was lost, and return their roles. Raises `DeviceError`."""
        return self._reconnecting.reconnect_lost(self.devices)

    def make_dark(self, timeout_s: float = DEVICE_TIMEOUT_S) -> None:
        """Take the light off the sample now, from any thread, each instrument in at most `timeout_s` of wall time.

        Shutter closed, laser emission off, and the camera, whose frames end, at its lowest EM gain; heater,
        SPAD bias and cooler stay as they are. What is just being switched on goes off again. Nothing is
        latched: whoever calls may switch on afterwards.

        Raises
        ------
        NotSafeError
            After all were tried, if one failed or hung.
        """
        light = [device for device in (self.shutter, self.laser, self.camera) if device is not None]
        for_each("make dark:", [light], lambda device: device.make_safe(), timeout_s)

    def close(self, timeout_s: float = DEVICE_TIMEOUT_S) -> None:
        """Make every instrument safe and disconnect it; otherwise as `make_safe`. No effect if closed.

        One that may be on and whose connection is lost is connected anew for it; if that fails, it is not safe.
        """
        self._reconnecting.end()
        keeping = nullcontext() if self.keeper is None else self.keeper.closing()
        with self.holding or nullcontext(), keeping, self.arming.making_safe():
            for_each("close:", in_safe_order(self.devices), self._close, timeout_s)

    def _close(self, device: Device) -> None:
        self._reconnecting.close(device, may_be_on=self.arming.may_be_on(device))

    def rescues(self) -> tuple[Rescue, ...]:
        """Return how another process makes the instruments safe if this one has died, in the safe order."""
        found = [rescue for device in self.devices.values() if (rescue := device.rescue()) is not None]
        return tuple(sorted(found, key=lambda rescue: rescue.last))

    def fingerprint(self) -> dict[str, Any]:
        """Return which instruments these are and how they are set, and what a simulated world is, as plain data."""
        found = {
            "name": self.name,
            "devices": of_devices(self.devices),
            "limits": self.limits.model_dump(mode="json", exclude_none=True),
            "calibrations": dict(self._calibration_hashes),
        }
        if self._bench is not None:
            found["simulation"] = of_world(self._bench, self._sample_file)
        return found

    @property
    def first_point(self) -> int:
        """Number of the first acquisition on the bench in this process, made or to be made; 1 without a bench."""
        return 1 if self._bench is None else self._bench.first_point

    @property
    def next_point(self) -> int:
        """Number of the next acquisition on the bench; 1 without a bench."""
        return 1 if self._bench is None else self._bench.next_point

    def fast_forward_points(self, count: int) -> None:
        """Let a simulated world pass over `count` acquisitions, so that a resumed run does not see their photons again.

        An acquisition is one stream of the SPAD array or one series of frames, so each part of an
        interrupted point counts. No effect on instruments that are hardware.

        Raises
        ------
        ValueError
            If `count` is negative.
        """
        if count < 0:
            raise ValueError(f"{count} acquisitions cannot be passed over; give 0 or more")
        if self._bench is not None:
            self._bench.skip_points(count)

    def truth(self) -> dict[str, Any] | None:
        """Return what the bench knows, as plain data; None if there is no bench."""
        return None if self._bench is None else dict(self._bench.truth())

    def foretold_truth(self, duration_s: float) -> dict[str, Any] | None:
        """Return what the truth will say of the next acquisition if it takes `duration_s` and all stays as it is.

        Stored before the acquisition starts, it is there even if the program is killed meanwhile. None without a bench.
        """
        return None if self._bench is None else dict(self._bench.foretell(duration_s))
