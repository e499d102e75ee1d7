"""How the counters of a SPAD Lambda become laser pulses and delays."""

from dataclasses import dataclass

from drivers.interfaces.errors import StateError
from drivers.interfaces.photons import PhotonStreamInfo
from drivers.spad_array.device_calibration import PIXELS, CoarseClock, DeviceCalibration
from drivers.spad_array.record_kinds import COARSE_VALUES, FINE_VALUES

VIRTUAL_PERIOD_PS = 1_000_000
"""Period by which time is told where no laser pulses are seen."""

NO_PULSES_HZ = 1.0
"""A measured laser rate below this means that there are no pulses."""

TOLERANCE = 0.01
"""By how much the measured laser rate may differ from that before a stream if its pulses are all there."""

RATE_STEP_HZ = 1.0
"""What `R` can tell: it counts pulses for a second, and a count of what is locked is right to one."""


@dataclass(frozen=True, slots=True)
class TimeScale:
    """Ticks, pulses and delays of one stream.

    Attributes
    ----------
    info : PhotonStreamInfo
        What holds for the stream.
    tick_ps, period_ps : int
        Tick of the coarse counters and period of the pulses. With the coarse counter on the laser, both are the
        laser period rounded to 1 ps: a pulse is a tick, whatever its length, and the delay is the fine time.
    laser_hz : float
        What the detector measured.
    """

    info: PhotonStreamInfo
    tick_ps: int
    period_ps: int
    laser_hz: float

    @property
    def second_ps(self) -> float:
        """Counted time of one second, in ps of `tick_ps`."""
        return 1e12 * self.period_ps / self.info.period_ps

    @property
    def epoch_s(self) -> float:
        """Time between two wraps of a coarse counter in s."""
        return COARSE_VALUES * self.tick_ps / self.second_ps


def time_scale(device: str, calibration: DeviceCalibration, laser_hz: float) -> TimeScale:
    """Return the time scale of a stream that begins now.

    Parameters
    ----------
    device : str
        Name of the instrument, for messages.
    calibration : DeviceCalibration
        Of the device.
    laser_hz : float
        Laser rate that the detector measures.

    Raises
    ------
    StateError
        If the fine time cannot hold the laser period, or the rate is not that of the calibration file as
        exactly as it can be measured.
    """
    tick_ps = round(1e3 * calibration.internal_tick_ns)
    pulses = laser_hz >= NO_PULSES_HZ
    if pulses and calibration.coarse_clock is CoarseClock.LASER:
        period_ps = 1e12 / laser_hz
        if period_ps >= FINE_VALUES:
            raise StateError(
                device,
                f"the detector measures a laser rate of {laser_hz:g} Hz; its time tags hold periods up to "
                f"{FINE_VALUES * 1e-6:.1f} us, {1e12 / FINE_VALUES:.0f} Hz or more: set a higher repetition rate",
            )
        return _scale(calibration, period_ps, round(period_ps), laser_hz, pulsed=True)
    if pulses and calibration.ticks_per_pulse is not None:
        period_ps = float(calibration.ticks_per_pulse * tick_ps)
        if abs(laser_hz - 1e12 / period_ps) > RATE_STEP_HZ:
            raise _not_locked(device, calibration, laser_hz, period_ps)
        return _scale(calibration, period_ps, tick_ps, laser_hz, pulsed=True)
    return _scale(calibration, float(VIRTUAL_PERIOD_PS), tick_ps, laser_hz, pulsed=False)


def _not_locked(device: str, calibration: DeviceCalibration, laser_hz: float, period_ps: float) -> StateError:
    """Return the error of a laser that is not at its multiple of the internal clock: its delays would drift."""
    away = abs(laser_hz * period_ps * 1e-12 - 1)
    epoch_ps = COARSE_VALUES * 1e3 * calibration.internal_tick_ns
    return StateError(
        device,
        f"the detector measures a laser rate of {laser_hz:.10g} Hz, but its calibration file says "
        f"{calibration.ticks_per_pulse} ticks of {calibration.internal_tick_ns:g} ns per pulse, which is "
        f"{1e12 / period_ps:g} Hz: {1e6 * away:.3g} ppm away, by which all delays drift {away * epoch_ps:.3g} ps "
        f"between two wraps of the counter ({1e-9 * epoch_ps:.3g} ms), where {calibration.delay_resolution_ps:g} ps "
        f"count. At most {RATE_STEP_HZ:g} Hz, all that can be measured, is allowed: lock the laser to the clock of the "
        "array, correct ticks_per_pulse, or leave it out for an unpulsed stream",
    )


def _scale(
    calibration: DeviceCalibration, period_ps: float, tick_ps: int, laser_hz: float, *, pulsed: bool
) -> TimeScale:
    step = calibration.delay_resolution_ps
    by_laser = pulsed and calibration.coarse_clock is CoarseClock.LASER
    even = by_laser or (tick_ps % step == 0 and period_ps % step == 0)
    info = PhotonStreamInfo(period_ps, pulsed, step if even else 1.0, PIXELS)
    return TimeScale(info, tick_ps, round(period_ps), laser_hz)
