"""One acquisition of a SPAD Lambda: from the bytes of lSPAD to photon blocks."""

import math
import time
from collections.abc import Callable, Generator, Iterator
from typing import Protocol

from drivers.interfaces.errors import CommunicationError, DeviceError, DeviceTimeoutError, FaultError
from drivers.interfaces.photons import PhotonBlock
from drivers.spad_array import record_kernel, stream_errors
from drivers.spad_array.chip_clocks import LONGEST_WAIT_PS, ChipClocks
from drivers.spad_array.device_calibration import DeviceCalibration
from drivers.spad_array.lspad_replies import FAILURE, shown, trailing_text
from drivers.spad_array.merging import Merger
from drivers.spad_array.pulse_watch import PulseWatch
from drivers.spad_array.record_kinds import CHIP_NAMES, COARSE_VALUES, LOSS_REASONS, MASTER, RECORD_BYTES, SLAVE, Event
from drivers.spad_array.records import DONE, Decoded, Happening, RecordDecoder
from drivers.spad_array.silence import DARK_S, NO_PHOTONS, NO_RECORDS, ChipsTogether, longest_chance_s
from drivers.spad_array.time_scale import TimeScale

BLOCK_S = 0.2
"""Blocks are given out when they hold this much time; they hold 1 s at most."""

WAIT_S = 0.1
WAITED_S = 0.01
"""Who has waited this long for bytes has read all that there were."""

QUIET_S = 0.2
"""The end of a stream is the end only when nothing follows for this long."""

MOST_RESYNCS = 100
MOST_GARBAGE_BYTES = 100_000
"""Beyond these, what comes is not taken for a stream of time tags any more."""

TAIL_BYTES = 512


class StreamWire(Protocol):
    """What a stream needs of a wire; see `LspadWire`."""

    def send(self, *commands: str) -> None:
        """Send commands."""

    def receive(self, timeout_s: float) -> bytes:
        """Return what has come; empty if nothing came in time."""


class LspadStream:
    """One acquisition. `blocks` is iterated once, by one thread.

    Parameters
    ----------
    device : str
        Name of the instrument, for messages.
    wire : StreamWire
        Idle.
    scale : TimeScale
        Ticks, pulses and delays.
    calibration : DeviceCalibration
        Of the device.
    duration_s : float
        How long to measure.
    silence_s : float
        Longest time without any progress.
    stopped : callable
        Whether somebody wants it to end now.
    expects_dark_counts : bool
        Whether there are photons at any time if the bias is on.
    """

    def __init__(
        self,
        device: str,
        wire: StreamWire,
        scale: TimeScale,
        calibration: DeviceCalibration,
        duration_s: float,
        *,
        silence_s: float,
        stopped: Callable[[], bool],
        expects_dark_counts: bool = True,
    ) -> None:
        self._device, self._wire, self.scale, self._stopped = device, wire, scale, stopped
        self._silence_s = silence_s
        self._ms = max(1, math.ceil(1e3 * duration_s - 1e-6))
        pulses_per_s = 1e12 / scale.info.period_ps
        self._total = max(1, round(duration_s * pulses_per_s))
        self._merger = Merger(scale.period_ps, self._total, max(1, math.floor(pulses_per_s)))
        self._least = max(1, math.floor(BLOCK_S * pulses_per_s))
        self._decoder = RecordDecoder(calibration.positions, scale.tick_ps)
        self._clocks = ChipClocks(round(1e3 * calibration.internal_tick_ns))
        self._watch = PulseWatch()
        self._together = ChipsTogether(COARSE_VALUES * scale.tick_ps // 2, LONGEST_WAIT_PS)
        self._never_dark, self._photons = expects_dark_counts, [0, 0]
        self._dark_since_ps: int | None = None
        self._offset_ps = round(calibration.chip_offset_ps)
        self._share: float | None = None
        self._tail = b""
        self._begin = self._heard = self._moved = 0.0
        self._reached_ps = 0
        self.done = False

    def counters(self) -> dict[str, float | int]:
        """Return what was counted: records, photons and all that went wrong."""
        counted = self._decoder.counters
        found: dict[str, float | int] = {
            "stream_records": counted.records,
            "stream_photons": counted.photons,
            "stream_overflows": counted.overflows,
            "stream_resyncs": counted.resyncs,
            "stream_garbage_bytes": counted.garbage_bytes,
            "stream_epoch_repairs": counted.epoch_repairs,
            "stream_late_photons": counted.late_records + self._merger.late_photons,
            "stream_chip_jumps": self._clocks.jumps,
            "stream_marker_pairs": self._clocks.pairs,
        }
        if (deviation_ps := self._clocks.mean_deviation_ps) is not None:
            found["chip_offset_ps"] = round(self._offset_ps + deviation_ps, 1)
        return found

    def blocks(self) -> Generator[PhotonBlock, None, None]:
        """Start the acquisition and yield its photons until lSPAD says that it is done.

        Raises
        ------
        CommunicationError
            If the stream breaks, or laser pulses are missing; all that came before has been yielded.
        FaultError
            If lSPAD ends it with an error.
        """
        self._begin = self._heard = self._moved = time.monotonic()
        self._wire.send(f"SB,{self._ms}")
        error: DeviceError | None = None
        while error is None and not self.done and not self._stopped():
            error = self._listen()
            yield from self._ready(least=self._least)
        if self._stopped():
            return
        self._take(self._decoder.feed(b"", at_end=True))
        self._advance()
        if error is None:
            error = self._judged_as_a_whole()
        if error is not None:
            yield from self._ready(least=1)
            raise error
        self._mark_end()
        yield from self._merger.take(self._total * self.scale.period_ps, self._open_gaps())

    def _mark_end(self) -> None:
        """Mark what is missing at the end: of a chip without records, of both without photons."""
        end_ps, second_ps = self._total * self.scale.period_ps, self.scale.second_ps
        for chip in (SLAVE, MASTER):
            last_ps = self._corrected(chip, self._decoder.last_record_ps(chip))
            chance_s = longest_chance_s(self._photons[chip], end_ps / second_ps, self.scale.epoch_s)
            if end_ps - last_ps > chance_s * second_ps:
                self._merger.add_gap(max(0, last_ps), end_ps - 1, NO_RECORDS)
        chance_s = longest_chance_s(sum(self._photons), end_ps / second_ps, DARK_S)
        if self._never_dark and end_ps - self._last_photon_ps() > chance_s * second_ps:
            self._merger.add_gap(self._last_photon_ps(), end_ps - 1, NO_PHOTONS)

    def _last_photon_ps(self) -> int:
        """Return when the tick of the latest photon of any chip began; 0 if none came."""
        return max(0, *(self._corrected(chip, self._decoder.last_photon_ps(chip)) for chip in (SLAVE, MASTER)))

    def _listen(self) -> DeviceError | None:
        """Take what comes next; return what is wrong with the stream."""
        before = time.monotonic()
        try:
            data = self._wire.receive(WAIT_S)
        except CommunicationError as error:
            return error
        now = time.monotonic()
        if data:
            self._heard = now
            self._tail = (self._tail + data[-TAIL_BYTES:])[-TAIL_BYTES:]
            self._take(self._decoder.feed(data))
            self._advance()
        elif now - self._heard > QUIET_S:
            return self._judged_in_silence(now)
        return self._judged_on_the_way(now, up_to_date=now - before > WAITED_S)

    def _take(self, decoded: Decoded) -> None:
        older = [self._merger.pending(chip) for chip in (SLAVE, MASTER)]
        self._merger.add(SLAVE, decoded.photons[SLAVE])
        self._merger.add(MASTER, decoded.photons[MASTER], self._offset_ps)
        for chip in (SLAVE, MASTER):
            self._photons[chip] += len(decoded.photons[chip])
        for happening in decoded.happenings:
            self._note(happening, older[happening.chip])

    def _corrected(self, chip: int, time_ps: int) -> int:
        return time_ps - self._offset_ps if chip == MASTER else time_ps

    def _note(self, happening: Happening, older: int) -> None:
        """Do what something besides photons asks for; `older` photons of the chip had been waiting before."""
        chip, time_ps = happening.chip, self._corrected(happening.chip, happening.first)
        if happening.kind is Event.DWELL:
            self._marker(chip, time_ps)
        elif happening.kind is Event.LOSS:
            reason = LOSS_REASONS[happening.reason].format(chip=CHIP_NAMES[chip])
            self._merger.add_gap(time_ps, self._corrected(chip, happening.second), reason)
            self._watch.forget_markers()
        elif happening.kind is Event.LATE:
            self._merger.add_gap(time_ps, time_ps, "a record came too late")
        else:
            until_ps = time_ps + record_kernel.WINDOW * self.scale.tick_ps
            self._merger.drop_after(chip, until_ps, older + happening.second)
            self._merger.add_gap(time_ps, until_ps, f"time of the {CHIP_NAMES[chip]} chip went back")

    def _marker(self, chip: int, time_ps: int) -> None:
        if chip == SLAVE and self._share is None:
            self._share = self._watch.marker(time_ps)
        jump = self._clocks.marker(chip, time_ps)
        if jump is not None:
            self._merger.shift_master(jump.until_ps + jump.by_ps, jump.by_ps)
            self._offset_ps += jump.by_ps
            reason = f"clock of the master chip jumped by {1e-3 * jump.by_ps:.3g} ns"
            self._merger.add_gap(jump.after_ps, jump.until_ps, reason)

    def _advance(self) -> None:
        """See up to when both chips have sent their records."""
        slave_ps, master_ps = (self._decoder.reached_ps(chip) for chip in (SLAVE, MASTER))
        if slave_ps is None or master_ps is None:
            return
        self._together.see(slave_ps, master_ps - self._offset_ps, self._clocks.agreed_ps)
        reached_ps = min(slave_ps, master_ps - self._offset_ps)
        if reached_ps > self._reached_ps:
            self._reached_ps, self._moved = reached_ps, time.monotonic()

    def _ready(self, least: int) -> Iterator[PhotonBlock]:
        """Yield what is certain, if that is at least so many pulses; what follows a photon waits for the next one."""
        settled_ps = self._clocks.settled_ps(self._reached_ps)
        if self._never_dark:
            settled_ps = min(settled_ps, self._last_photon_ps())
        if settled_ps // self.scale.period_ps - self._merger.next_pulse >= least:
            yield from self._merger.take(settled_ps, self._open_gaps())

    def _open_gaps(self) -> tuple[tuple[int, str], ...]:
        losses = tuple(
            (self._corrected(chip, since_ps), LOSS_REASONS[loss].format(chip=CHIP_NAMES[chip]))
            for chip, loss, since_ps in self._decoder.losses()
        )
        return losses if self._dark_since_ps is None else (*losses, (self._dark_since_ps, NO_PHOTONS))

    def _counted_s(self) -> float:
        """Return the time up to which any chip has sent records, in s."""
        reached = [self._decoder.reached_ps(chip) or 0 for chip in (SLAVE, MASTER)]
        return max(reached) / self.scale.second_ps

    def _judged_in_silence(self, now: float) -> DeviceError | None:
        """See whether the stream has ended."""
        rest = self._decoder.rest
        if self._decoder.in_step and DONE in (rest.strip(), rest[RECORD_BYTES:].strip()):
            self.done = True
            return None
        text = trailing_text(self._tail) if rest else ""
        if text.endswith(FAILURE):
            self.done = True
            return FaultError(self._device, f"lSPAD ends the acquisition with {shown(text)}; look at its window")
        if text.encode().endswith(DONE) and now - self._begin > 1e-3 * self._ms:
            self.done = True  # out of step before the end: the rest is marked as lost
            return None
        if now - self._heard > self._silence_s:
            return DeviceTimeoutError(
                self._device,
                f"lSPAD has sent nothing for {self._silence_s:g} s, {now - self._begin:.1f} s after the start; restart "
                f"lSPAD, then reconnect (`cascadescope reconnect {self._device}`)",
            )
        return None

    def _judged_on_the_way(self, now: float, *, up_to_date: bool) -> DeviceError | None:
        """See whether the stream is all right; only one that is `up_to_date` can be found to be slow."""
        counted = self._decoder.counters
        if counted.resyncs > MOST_RESYNCS or counted.garbage_bytes > MOST_GARBAGE_BYTES:
            return stream_errors.no_stream(self._device, counted)
        if not self._clocks.agree:
            return stream_errors.clocks_apart(self._device)
        if not self._together.agree:
            return stream_errors.counters_apart(self._device)
        if self._never_dark and self._reached_ps - self._last_photon_ps() > DARK_S * self.scale.second_ps:
            return self._no_photons()
        if now - self._moved > self._silence_s:
            return stream_errors.chip_silent(self._device, self._silence_s)
        share = self._share or PulseWatch.against_wall(self._counted_s(), now - self._begin, up_to_date=up_to_date)
        return None if share is None else self.pulses_missing(share)

    def _judged_as_a_whole(self) -> DeviceError | None:
        share = PulseWatch.at_end(self._counted_s(), 1e-3 * self._ms, self.scale.epoch_s)
        return None if share is None else self.pulses_missing(share)

    def _no_photons(self) -> FaultError:
        """Mark all since the last photon, and return the error that says so."""
        self._dark_since_ps = self._last_photon_ps()
        self._never_dark = False  # what is marked need not wait any more
        return stream_errors.no_photons(self._device, self._dark_since_ps / self.scale.second_ps)

    def pulses_missing(self, share: float) -> CommunicationError:
        """Return the error that says that a wrong share of the pulses has come."""
        return stream_errors.pulses_missing(self._device, self.scale, share)
