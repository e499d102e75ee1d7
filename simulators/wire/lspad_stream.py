"""One acquisition of the simulated SPAD Lambda: the bench's photons and the chips' markers, as bytes."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drivers.interfaces.photons import PhotonStreamInfo
from simulators.bench import Bench
from simulators.detector import DetectorSettings
from simulators.pulses import excitation_of, pulse_rate_hz
from simulators.seeding import Purpose, generator
from simulators.stream import PhotonStream
from simulators.wire.lspad_pulses import Photons, PulseCount
from simulators.wire.lspad_records import (
    DWELL,
    OVERFLOW,
    STREAM_START,
    WRAP,
    WRAP_TICKS,
    Clocks,
    Flaws,
    Stamps,
    deliver,
    moment,
    stamp,
)
from simulators.wire.lspad_settings import MASTER, PIXELS, SLAVE, TDCS_PER_CHIP, LspadSettings, read_chip_map

VIRTUAL_PERIOD_PS = 1e6
"""Period by which the bench tells time where no laser pulses are seen."""

OVERFLOW_LOST_S = 0.01
_WIRE_INTERVAL = 1 << 31
"""Interval number of the random numbers that the wire needs; no interval of photons has it."""

_FOR_EVER = np.int64(1) << 62


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an acquisition was asked for.

    Attributes
    ----------
    duration_s : float
    dwell_markers : bool
        Whether dummy markers are on.
    off : frozenset of int
        Physical positions that are switched off.
    """

    duration_s: float
    dwell_markers: bool = False
    off: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Waiting:
    """What has been stamped and not yet sent: photons, and markers as (tick, fine, chip, id)."""

    photons: Stamps
    markers: list[tuple[int, int, int, int]] = field(default_factory=list)


class LspadAcquisition:
    """A stream of records; the counters start at zero with it (unverified), the chips' times may be shifted.

    Whether the coarse counter counts laser pulses is decided at the start; then nothing comes while there are
    none, because no time is told.
    """

    def __init__(self, bench: Bench, settings: LspadSettings, detector: DetectorSettings, wanted: Wanted) -> None:
        self._bench, self._settings, self._wanted = bench, settings, wanted
        pulsed = pulse_rate_hz(bench) > 0
        by_pulse = pulsed and settings.coarse_clock == "laser"
        with bench.lock:
            period_ps = 1e12 / bench.beam.repetition_rate_hz if pulsed else VIRTUAL_PERIOD_PS
        tick_ps = period_ps if by_pulse else 1e3 * settings.internal_tick_ns
        self._clocks = Clocks(period_ps, tick_ps, by_pulse)
        self.point, light = bench.begin_point(period_ps)
        info = PhotonStreamInfo(period_ps, pulsed, detector.tdc_resolution_ps, PIXELS)
        stream = PhotonStream(light, detector, seed=bench.seed, point=self.point, info=info)
        self._photons = Photons(stream, wanted.duration_s, 1e12 / period_ps)
        self._rng = generator(bench.seed, Purpose.DETECTOR, self.point, _WIRE_INTERVAL)
        self._map = read_chip_map(settings.device)
        self._off = np.isin(np.arange(PIXELS), list(wanted.off))
        self._shift_ps = np.array([0, round(settings.chip_offset_ps)], np.int64)
        self._flaws = Flaws(
            np.zeros(2, np.int64),
            np.zeros(2, np.int64),
            np.full((2, TDCS_PER_CHIP), -np.inf),
            1e3 * settings.shared_tdc_dead_time_ns,
            settings.disorder_share,
            settings.epoch_defect,
        )
        self._count, self._pulse, self._elapsed_s = PulseCount(), 0, 0.0
        self._wraps = self._dwells = 0
        self._waiting = _Waiting(Stamps.empty(0))
        self._waiting.markers += [(0, 0, chip, STREAM_START) for chip in (SLAVE, MASTER)]

    def advance(self, elapsed_s: float, *, biased: bool) -> NDArray[np.uint8]:
        """Return the records that are ready `elapsed_s` after the start, shape (n, 7).

        The laser is taken to have been since the last call as it is now. Without bias nothing is counted.
        """
        excitation = excitation_of(self._bench)
        rate_hz = pulse_rate_hz(self._bench) if self._clocks.by_pulse else 1e12 / self._clocks.period_ps
        begin, end = self._pulse, self._count.until(elapsed_s, rate_hz)
        self._break(begin, elapsed_s - self._elapsed_s)
        for pulse, pixel, delay_ps in self._photons.until(end, excitation) if end > begin else ():
            if biased:
                self._stamp(pulse, pixel, delay_ps)
        self._mark_dwells(begin, end, elapsed_s)
        self._pulse, self._elapsed_s = end, elapsed_s
        self._bench.end_interval(self.point, end * 1e-12 * self._clocks.period_ps, excitation)
        margin = int(np.abs(self._shift_ps).max() // self._clocks.tick_ps) + 2
        return self._deliver(self._tick(end) - margin)

    def finish(self) -> NDArray[np.uint8]:
        """Return the rest of the records."""
        end = self._tick(self._pulse)
        self._mark_wraps(end)
        return self._deliver(_FOR_EVER, wraps=False)

    def _tick(self, pulse: int) -> int:
        return pulse if self._clocks.by_pulse else int(pulse * self._clocks.period_ps // self._clocks.tick_ps)

    def _break(self, pulse: int, passed_s: float) -> None:
        """Let happen what goes wrong now."""
        jump = self._bench.faults.take("spad_chip_jump")
        if jump is not None:
            self._shift_ps[MASTER] += round(1e3 * jump["jump_ns"])
        lost_s = 0.0
        overflow = self._bench.faults.take("spad_fifo_overflow")
        if overflow is not None:
            lost_s = overflow["lost_s"]
        elif self._rng.random() < self._settings.overflow_rate_hz * passed_s:
            lost_s = OVERFLOW_LOST_S
        if lost_s > 0:
            self._lose(SLAVE if overflow is not None else int(self._rng.integers(2)), self._tick(pulse), lost_s)

    def _lose(self, chip: int, tick: int, lost_s: float) -> None:
        """Let the FIFO of a chip overflow: it says so at the beginning and when it stores again."""
        again = tick + max(1, round(lost_s * 1e12 / self._clocks.tick_ps))
        self._flaws.lost_from[chip], self._flaws.lost_to[chip] = tick, again
        self._waiting.markers += [(tick, 0, chip, OVERFLOW), (again, 0, chip, OVERFLOW)]

    def _stamp(self, pulse: NDArray[np.int64], pixel: NDArray[np.uint16], delay_ps: NDArray[np.uint32]) -> None:
        waiting = self._waiting
        before, chips = len(waiting.photons.tick), self._map
        room = Stamps.empty(before + len(pulse))
        room.put(waiting.photons)
        count = stamp(
            pulse,
            pixel,
            delay_ps,
            self._off,
            chips.chip,
            chips.identity,
            self._shift_ps,
            self._clocks,
            room,
            before,
        )
        waiting.photons = room.part(0, count)

    def _mark_dwells(self, begin: int, end: int, elapsed_s: float) -> None:
        """Stamp the dummy markers since the last slice on both chips; they have a clock of their own."""
        period_ps, since_ps = self._clocks.period_ps, 1e12 * self._elapsed_s
        pulses_per_ps = (end - begin) / (1e12 * elapsed_s - since_ps)
        while self._wanted.dwell_markers:
            time_ps = (self._dwells + 1) * 1e12 / self._settings.dwell_marker_rate_hz
            if time_ps >= 1e12 * elapsed_s:
                return
            self._dwells += 1
            pulse, part = divmod((time_ps - since_ps) * pulses_per_ps, 1.0)
            for chip in (SLAVE, MASTER) if end > begin else ():
                shift_ps = int(self._shift_ps[chip])
                tick, fine = moment(begin + int(pulse), round(part * period_ps), shift_ps, self._clocks)
                self._waiting.markers.append((tick, fine, chip, DWELL))

    def _mark_wraps(self, tick: int) -> None:
        """Let both chips say that their coarse counters have begun anew, up to a tick."""
        while (self._wraps + 1) * WRAP_TICKS < tick:
            self._wraps += 1
            begin = self._wraps * WRAP_TICKS
            self._waiting.markers += [(begin, self._wraps & 0xFFFFFF, chip, WRAP) for chip in (SLAVE, MASTER)]

    def _deliver(self, horizon: int | np.int64, *, wraps: bool = True) -> NDArray[np.uint8]:
        """Return the records before a tick, of which all are known."""
        if wraps:
            self._mark_wraps(int(horizon))
        waiting = self._waiting
        ready = int(np.searchsorted(waiting.photons.tick, horizon))
        due = sorted(marker for marker in waiting.markers if marker[0] < horizon)
        due.sort(key=lambda marker: (marker[0], marker[3] == DWELL, marker[1]))
        waiting.markers = [marker for marker in waiting.markers if marker[0] >= horizon]
        columns = np.array(due, np.int64).reshape(-1, 4)
        chips, identities = columns[:, 2].astype(np.uint8), columns[:, 3].astype(np.uint8)
        markers = Stamps(columns[:, 0].copy(), columns[:, 1].copy(), chips, identities)
        photons = waiting.photons.part(0, ready)
        records: NDArray[np.uint8] = deliver(self._rng, photons, markers, self._clocks.tick_ps, self._flaws)
        waiting.photons = waiting.photons.part(ready, len(waiting.photons.tick)).copy()
        return records
