"""Reading the brightness again and again, with light on the sample only during the readings."""

from collections.abc import Generator, Mapping
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from acquisition.sequence.procedures.looking import Darkness, Procedure
from acquisition.sequence.steps.base import MAX_DURATION_S, Duration
from acquisition.sequence.steps.block import Values
from acquisition.sequence.steps.counting import MAX_PLACES, Counted, CountPhotons, StoreTable
from acquisition.sequence.steps.instruments import SetLaser, SetShutter, Soak

COLUMNS = ("time_s", "counts", "duration_s", "temperature_c")

Yielded: TypeAlias = SetLaser | SetShutter | CountPhotons | Soak | StoreTable


class AcquireIntensitySeries(Procedure, Counted):
    """Count photons every `interval_s`, `count` times; between the readings there is no light on the sample.

    The first reading begins at 0. The table in the run folder says when each began, its counts, its time and, with a
    heater, the temperature. If the run is broken off and resumed, the time in between is not known: the next reading
    then stands one interval after the one before, and ``interrupted`` is true.

    Its values are ``readings``, ``table``, ``interrupted``, and ``remaining_share``: the last rate over the first.

    Attributes
    ----------
    interval_s : float
        From the beginning of a reading to that of the next.
    count : int
        Number of readings.
    exposure_s : float
        Light on the sample for each.
    """

    kind: Literal["acquire_intensity_series"] = "acquire_intensity_series"
    interval_s: Duration
    count: Annotated[int, Field(ge=1, le=MAX_PLACES)]
    exposure_s: Duration

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.exposure_s > self.interval_s:
            raise ValueError(
                f"exposure ({self.exposure_s:g} s) must not be longer than interval ({self.interval_s:g} s)"
            )
        if self.interval_s * self.count > MAX_DURATION_S:
            raise ValueError(f"takes longer than {MAX_DURATION_S:g} s; take fewer readings or a shorter interval")
        return self

    def unfold(self, values: Mapping[str, Any]) -> Generator[Yielded, Values, Values]:
        """Yield light, counts, darkness and waits."""
        darkness = Darkness(values)
        rows: list[tuple[float | None, ...]] = []
        begin_s = before_s = 0.0
        interrupted = False
        for number in range(self.count):
            yield darkness.on
            counted = yield self._reading
            yield darkness.off
            now_s = float(counted["time_s"])
            if number == 0:
                begin_s = now_s
            elif now_s <= before_s:  # the clock has begun anew in another process
                interrupted = True
                begin_s = now_s - (float(rows[-1][0] or 0.0) + self.interval_s)
            before_s = now_s
            rows.append((now_s - begin_s, counted["counts"], counted["exposed_s"], counted.get("temperature_c")))
            left_s = begin_s + (number + 1) * self.interval_s - now_s - self.exposure_s
            if number + 1 < self.count and 0 < left_s <= MAX_DURATION_S:
                yield Soak(duration_s=min(left_s, self.interval_s))
        yield darkness.on
        stored = yield StoreTable(title="intensity series", columns=COLUMNS, rows=tuple(rows))
        found: Values = {"readings": len(rows), "interrupted": interrupted, "table": stored["table"]}
        first, last = (float(row[1] or 0) / float(row[2] or 1) for row in (rows[0], rows[-1]))
        return found | ({"remaining_share": last / first} if first > 0 else {})

    @property
    def _reading(self) -> CountPhotons:
        return CountPhotons(
            duration_s=self.exposure_s, pixels=self.pixels, window_ns=self.window_ns, label="intensity series"
        )

    def needs(self) -> tuple[Yielded, ...]:
        """Return a reading."""
        return (self._reading,)
