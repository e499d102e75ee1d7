"""Judges the count rate: it must not collapse while light falls on the sample."""

from acquisition.sequence.steps import AcquirePhotons
from acquisition.sequence.watch.conditions import CountRate
from acquisition.sequence.watch.look import Look
from acquisition.sequence.watch.trigger import Finding, Grade

BETTER = 1.5
"""How much above its bound the rate must be to count as well again."""

DARK_RATE = "dark_rate_cps"
"""Reading of a detector that knows how much it counts in the dark."""


class CountRateJudge:
    """Compares the rate of each point with that of its first seconds, and with a rate that was given."""

    def __init__(self, condition: CountRate) -> None:
        self._condition = condition
        self._background_cps = condition.background_cps
        self._point = 0
        self._begin_s = 0.0
        self._first_cps: list[float] = []

    def judge(self, look: Look) -> Finding | None:
        """Return what is found; None in the dark, and where no bound is known yet."""
        rate_cps = look.moment.count_rate_cps
        lit = look.has_light and not look.suspended and isinstance(look.moment.step, AcquirePhotons)
        if rate_cps is None or not lit:
            return None
        rate_cps = max(0.0, rate_cps - self._background(look))
        if look.moment.point != self._point:
            self._point, self._begin_s, self._first_cps = look.moment.point, look.now_s, []
        if look.now_s - self._begin_s < self._condition.reference_s or not self._first_cps:
            self._first_cps.append(rate_cps)
        bounds = list(self._bounds(look.now_s))
        if not bounds:
            return None
        bound_cps, why = max(bounds)
        grade = Grade.BAD if rate_cps < bound_cps else Grade.FAIR if rate_cps < BETTER * bound_cps else Grade.GOOD
        return Finding(grade, f"the count rate is {rate_cps:.4g} cps, where {bound_cps:.4g} cps are expected ({why})")

    def _bounds(self, now_s: float) -> list[tuple[float, str]]:
        """Return the rates that must be reached, and where they come from."""
        found = []
        if self._condition.below_cps is not None:
            found.append((self._condition.below_cps, "as the sequence says"))
        share_percent = self._condition.below_share_percent
        if share_percent is not None and now_s - self._begin_s >= self._condition.reference_s:
            reference_cps = sum(self._first_cps) / len(self._first_cps)
            found.append((share_percent / 100 * reference_cps, f"{share_percent:g} % of {reference_cps:.4g} cps"))
        return found

    def _background(self, look: Look) -> float:
        """Return the counts per second without the emitter, asking the detector once."""
        if self._background_cps is None:
            said = look.rig.spad_array.readings().get(DARK_RATE)
            known = isinstance(said, int | float) and not isinstance(said, bool) and said > 0
            self._background_cps = float(said) if known else 0.0  # type: ignore[arg-type]
        return self._background_cps
