"""What is said when a stream of a SPAD Lambda is not as it should be."""

from drivers.interfaces.errors import CommunicationError, DeviceTimeoutError, FaultError
from drivers.spad_array.records import Counters
from drivers.spad_array.silence import DARK_S
from drivers.spad_array.time_scale import TimeScale


def no_stream(device: str, counted: Counters) -> CommunicationError:
    """Return the error of bytes that are no records."""
    return CommunicationError(
        device,
        f"what lSPAD sends is no stream of time tags ({counted.garbage_bytes} bytes are none, {counted.resyncs} new "
        "beginnings); see that coarse_clock in the calibration file is right, then reconnect",
    )


def clocks_apart(device: str) -> CommunicationError:
    """Return the error of dwell markers that do not fit together."""
    return CommunicationError(
        device, "the clocks of the two chips have lost each other: their markers no longer fit; start again"
    )


def counters_apart(device: str) -> CommunicationError:
    """Return the error of chips whose counters have wrapped differently often."""
    return CommunicationError(
        device,
        "the counters of the two chips differ by more than half of their range: wraps of one were lost with other "
        "records; what came since then is in doubt; start again",
    )


def chip_silent(device: str, silence_s: float) -> DeviceTimeoutError:
    """Return the error of a chip that sends nothing."""
    return DeviceTimeoutError(
        device, f"one of the chips has sent nothing for {silence_s:g} s; look at the window of lSPAD, then start again"
    )


def no_photons(device: str, since_s: float) -> FaultError:
    """Return the error of a biased array without photons since a time of the acquisition."""
    return FaultError(
        device,
        f"no photon for {DARK_S:g} s, not even a dark count, from {since_s:.3f} s of the acquisition on: the bias may "
        "be off (switched off by another program or in lSPAD?); look there, then start again. If the array really is "
        "so dark, write `expects_dark_counts: false` in the rig file",
    )


def pulses_missing(device: str, scale: TimeScale, share: float) -> CommunicationError:
    """Return the error that says that a wrong share of the pulses has come."""
    if not scale.info.pulsed:
        return CommunicationError(
            device,
            f"the coarse counter runs at {share:.3g} times the rate of its own clock: laser pulses began during an "
            "unpulsed stream, or internal_tick in the calibration file is wrong; start a new stream",
        )
    what = "laser pulses are missing" if share < 1 else "laser pulses come at another rate"
    return CommunicationError(
        device,
        f"{what}: {share:{_digits(share)}} of the {scale.laser_hz:g} Hz that the detector measured before the start; "
        "check the laser and the cable of its sync output (and coarse_clock in the calibration file), then start again",
    )


def _digits(share: float) -> str:
    return ".1%" if abs(share - 1) > 0.01 else ".3%"
