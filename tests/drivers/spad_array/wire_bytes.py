"""Bytes as lSPAD sends them, written down by hand, and a slow decoder of them to compare with."""

from collections.abc import Iterable
from dataclasses import dataclass, field

SLAVE, MASTER = 0, 1
DWELL, WRAP, START, OVERFLOW = 225, 234, 239, 247


def record(chip: int, identity: int, coarse: int, fine: int) -> bytes:
    return bytes([chip, identity]) + coarse.to_bytes(2, "big") + fine.to_bytes(3, "big")


def stream_of(tags: Iterable[tuple[int, int, int, int]], *, end_tick: int, marker_ticks: int = 0) -> bytes:
    """Return the bytes of tags (chip, id, tick, fine), with the wraps and start markers of both chips.

    With `marker_ticks`, both chips have a dwell marker every so many ticks, the slave at fine 100, the master too.
    """
    items: list[tuple[int, int, bytes]] = [(-1, 0, record(chip, START, 0, 0)) for chip in (SLAVE, MASTER)]
    items += [(tick, 2, record(chip, identity, tick % 65536, fine)) for chip, identity, tick, fine in tags]
    for chip in (SLAVE, MASTER):
        items += [(tick, 0, record(chip, WRAP, 0, 0)) for tick in range(65536, end_tick + 1, 65536)]
        if marker_ticks:
            ticks = range(marker_ticks, end_tick, marker_ticks)
            items += [(tick, 1, record(chip, DWELL, tick % 65536, 100)) for tick in ticks]
    return b"".join(item[2] for item in sorted(items, key=lambda item: item[:2]))


@dataclass
class Reference:
    """Decodes records one by one, as the documents say; `WINDOW` and `NEAR` are those of the driver."""

    tick_ps: int
    window: int = 64
    near: int = 16
    run: int = 8
    photons: list[list[tuple[int, int]]] = field(default_factory=lambda: [[], []])
    events: list[tuple[str, int, int, int]] = field(default_factory=list)
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(
            ("records", "photons", "overflows", "resyncs", "epoch_repairs", "late_records", "garbage_bytes"), 0
        )
    )

    def __post_init__(self) -> None:
        self.epoch, self.last, self.last_photon = [0, 0], [-1, -1], [0, 0]
        self.loss: list[tuple[str, int] | None] = [None, None]
        self.late_run = [0, 0]
        self.origin, self.begun = 0, False

    def kind(self, data: bytes, at: int) -> str:
        chip, identity = data[at], data[at + 1]
        if chip > 1:
            return ""
        if identity < (170, 150)[chip]:
            return "photon"
        if 225 <= identity <= 231:
            return "dwell" if identity & 1 else "marker"
        return {WRAP: "wrap", START: "start", OVERFLOW: "overflow"}.get(identity, "")

    def valid(self, data: bytes, at: int) -> bool:
        kind = self.kind(data, at)
        return bool(kind) and not (kind == "photon" and self.fine(data, at) >= min(2 * self.tick_ps, 1 << 24))

    def coarse(self, data: bytes, at: int) -> int:
        return int.from_bytes(data[at + 2 : at + 4], "big")

    def fine(self, data: bytes, at: int) -> int:
        return int.from_bytes(data[at + 4 : at + 7], "big")

    def decode(self, data: bytes) -> "Reference":
        at, in_step = 0, True
        while True:
            if not in_step:
                if at + 7 * self.run > len(data):
                    break
                if self.fits_together(data, at):
                    in_step = True
                    self.counts["resyncs"] += 1
                else:
                    at += 1
                    self.counts["garbage_bytes"] += 1
                continue
            if at + 7 > len(data):
                break
            next_is_one = at + 14 > len(data) or bool(self.kind(data, at + 7))
            if not self.valid(data, at) or not next_is_one:
                in_step = False
                for chip in (SLAVE, MASTER):
                    self.loss[chip] = self.loss[chip] or ("garbage", self.last_photon[chip])
                at += 1
                self.counts["garbage_bytes"] += 1
                continue
            self.take(data[at], data[at + 1], self.kind(data, at), self.coarse(data, at), self.fine(data, at))
            at += 7
        self.counts["garbage_bytes"] += 0 if data[at:].strip() == b"DONE" else len(data) - at
        return self

    def fits_together(self, data: bytes, at: int) -> bool:
        last: dict[int, int] = {}
        for k in range(at, at + 7 * self.run, 7):
            if not self.valid(data, k):
                return False
            coarse = self.coarse(data, k)
            if data[k] in last and 0x8000 <= (coarse - last[data[k]]) % 0x10000 < 0x10000 - self.window:
                return False
            last[data[k]] = coarse
        return True

    def take(self, chip: int, identity: int, kind: str, coarse: int, fine: int) -> None:
        self.counts["records"] += 1
        if kind == "wrap":
            self.epoch[chip] += 1
            self.last[chip] = max(self.last[chip], self.epoch[chip] * 65536)
            self.late_run[chip], self.begun = 0, True
        elif kind == "start":
            if not self.begun:
                self.origin, self.last_photon = coarse, [coarse, coarse]
            self.last[chip], self.begun = max(self.last[chip], coarse), True
        elif kind == "overflow":
            self.counts["overflows"] += 1
            self.loss[chip] = self.loss[chip] or ("overflow", self.last_photon[chip])
        else:
            self.begun = True
            self.ordinary(chip, identity, kind, coarse, fine)

    def tick(self, chip: int, coarse: int) -> int:
        if loss := self.loss[chip]:
            before_loss = self.epoch[chip]
            if self.last[chip] - self.epoch[chip] * 65536 > coarse + (self.near if loss[0] == "overflow" else 32768):
                self.epoch[chip] += 1
            while not self.loss[1 - chip] and self.last[1 - chip] - self.epoch[chip] * 65536 - coarse > 32768:
                self.epoch[chip] += 1
            if self.epoch[chip] > before_loss:
                return self.epoch[chip] * 65536 + coarse
        base = self.epoch[chip] * 65536
        tick, position = base + coarse, self.last[chip] - base
        before = tick - 65536
        if coarse >= 65536 - self.near and position < self.near and self.epoch[chip]:
            if self.last[1 - chip] - before < 32768:
                self.counts["epoch_repairs"] += 1
                return before
        elif coarse < self.near and position >= 65536 - self.near:
            self.counts["epoch_repairs"] += 1
            return tick + 65536
        return tick

    def ordinary(self, chip: int, identity: int, kind: str, coarse: int, fine: int) -> None:
        tick = self.tick(chip, coarse)
        time_ps = (tick - self.origin) * self.tick_ps + fine
        if tick < self.last[chip] - self.window:
            self.counts["late_records"] += 1
            self.late_run[chip] += 1
            self.events.append(("late", chip, time_ps, 0))
            if self.late_run[chip] < 8:
                return
            self.events.append(("set back", chip, time_ps, len(self.photons[chip])))
            self.last[chip] = self.last_photon[chip] = tick
        self.late_run[chip] = 0
        self.last[chip] = max(self.last[chip], tick)
        if kind == "dwell":
            self.events.append(("dwell", chip, time_ps, 0))
        if kind != "photon":
            return
        if loss := self.loss[chip]:
            self.events.append((loss[0], chip, (loss[1] - self.origin) * self.tick_ps, time_ps))
            self.loss[chip] = None
        self.last_photon[chip] = self.last[chip]
        self.counts["photons"] += 1
        self.photons[chip].append((time_ps, identity))
