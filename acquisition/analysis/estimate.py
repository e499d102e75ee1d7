"""A number with its standard error."""

from dataclasses import dataclass
from math import hypot, isfinite


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its standard error, both finite, the error not negative.

    Raises
    ------
    ValueError
        If either is not finite or the error is negative: such a number must be left out, not written.
    """

    value: float
    error: float

    def __post_init__(self) -> None:
        if not (isfinite(self.value) and isfinite(self.error)) or self.error < 0:
            raise ValueError(f"not a number with an error: {self.value} +- {self.error}")

    def __truediv__(self, other: "Estimate") -> "Estimate":
        """Quotient of two independent estimates."""
        value = self.value / other.value
        return Estimate(value, abs(value) * hypot(self.error / (self.value or 1.0), other.error / other.value))

    def plain(self) -> dict[str, float]:
        """Return ``{"value": ..., "error": ...}``."""
        return {"value": self.value, "error": self.error}
