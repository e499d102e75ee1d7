"""A number with its unit, typed in any unit that fits: ``0.5 MHz`` where the program counts Hz."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from acquisition.config.quantity import QuantityUnit
from acquisition.gui.forms.field import LineField

_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*", re.ASCII)

_COMMA = re.compile(r"^\s*([+-]?\d+),(\d+)(?![\d.,])", re.ASCII)
_THOUSANDS = re.compile(r"^\s*[+-]?[1-9]\d{0,2},\d{3}(?!\d)", re.ASCII)
"""A comma that may be a decimal one or stand between thousands."""

_MICRO = re.compile(r"\bu(?=(?:m|s|W|J|A|V)\b)")
"""What stands for the prefix in files."""

LARGER: dict[str, tuple[str, ...]] = {
    "Hz": ("Hz", "kHz", "MHz"),
    "s": ("us", "ms", "s", "min", "h"),
    "ps": ("ps", "ns"),
    "ns": ("ps", "ns", "us"),
    "us": ("ns", "us", "ms"),
    "ms": ("us", "ms", "s"),
    "um": ("nm", "um", "mm"),
    "cps": ("cps", "kcps"),
}
"""Units that a number of the program is shown in, smallest first."""

SHOWN = {"delta_degC/minute": "degC/min", "percent": "%", "delta_degC": "degC"}
"""Units as people write them."""


class QuantityField(LineField):
    """A number with its unit, shown as people write it (°C, µm) and given as files have it (degC, um).

    A number without a unit takes the unit that stood there before; a decimal comma is read as a point, unless it could
    stand between thousands.

    Parameters
    ----------
    unit : QuantityUnit
        Of `value`, e.g. found by `acquisition.config.model.unit_of`.
    low, high : float, optional
        Least and largest value, in that unit.
    optional : bool
        Whether it may be empty, which means None.
    above_low : bool
        Whether `low` itself is not allowed.
    """

    def __init__(
        self,
        unit: QuantityUnit,
        low: float | None = None,
        high: float | None = None,
        *,
        optional: bool = False,
        above_low: bool = False,
    ) -> None:
        super().__init__(optional=optional)
        self.unit = unit
        self._above_low = above_low
        self._suffix = SHOWN.get(unit.unit, unit.unit)
        self._filed = ""
        self.set_limits(low, high)

    def set_limits(self, low: float | None, high: float | None) -> None:
        """Set least and largest value, in the unit of `value`."""
        self.low, self.high = low, high
        self.mark(self.problem() if self.line.text() else "")

    def data(self) -> Any:
        """Return the text with its unit, as files have it; None if it is empty."""
        text = self.line.text().strip()
        if not text and self.optional:
            return None
        if self._filed and text == as_people_write(self._filed):
            return self._filed
        text = _with_point(text)
        return text if is_plain_text(text) else as_files_have(self._with_unit(text))

    def set_data(self, data: Any) -> None:
        """Show a value as files have it; `data` gives the same text back while nothing else is typed."""
        super().set_data(data)
        self._filed = data.strip() if isinstance(data, str) else ""

    def _show(self, text: str) -> None:
        match = _NUMBER.fullmatch(text)
        if match is not None and match[2]:
            self._suffix = match[2]
        super()._show(as_people_write(text))

    def _read(self, text: str) -> float:
        if _THOUSANDS.match(text):
            raise ValueError(f"{text}: is the comma a decimal one? Write 1.234 or 1234 with the unit")
        return self.unit.parse(as_files_have(self._with_unit(_with_point(text))))

    def _write(self, value: Any) -> str:
        return pretty(float(value), self.unit)

    def _tidied(self, text: str) -> str:
        text = _with_point(text)
        return text if is_plain_text(text) else self._with_unit(text)

    def problem(self) -> str:
        """Return why what is typed cannot be used, and as what a number without a unit was read."""
        problem, text = super().problem(), _with_point(self.line.text().strip())
        match = _NUMBER.fullmatch(text)
        guessed = problem and match is not None and not match[2]
        return f"{problem}; it is read as {as_people_write(self._with_unit(text))}" if guessed else problem

    def _with_unit(self, text: str) -> str:
        match = _NUMBER.fullmatch(text)
        return text if match is None or match[2] else f"{match[1]} {self._suffix}"

    def _missing(self) -> str:
        return f"is missing; write {self.unit.dimension}, for example {self.unit.example}"

    def _outside(self, value: float) -> str:
        low, high = (None if end is None else as_people_write(pretty(end, self.unit)) for end in (self.low, self.high))
        if self.low is not None and (value <= self.low if self._above_low else value < self.low):
            words = "above" if self._above_low else "at least"
            return f"must be {words} {low}" + ("" if high is None else f" and at most {high}")
        if self.high is not None and value > self.high:
            return f"must be at most {high}" + ("" if low is None else f" and at least {low}")
        return ""

    def _stepped(self, steps: int) -> None:
        text = stepped(self._with_unit(self.line.text().strip()), steps)
        if text is not None and not self._outside(self.unit.parse(as_files_have(text))):
            self.line.setText(text)


def _with_point(text: str) -> str:
    """Return a number with a decimal comma, such as ``12,5 %``, with a point; any other text as it is."""
    return text if _THOUSANDS.match(text) else _COMMA.sub(r"\1.\2", text)


def as_people_write(text: str) -> str:
    """Return a quantity with the signs of its unit, such as ``40 °C`` for ``40 degC``; any other text as it is."""
    match = _NUMBER.fullmatch(text)
    if match is None or not match[2]:
        return text
    return text[: match.start(2)] + _MICRO.sub("µ", match[2].replace("degC", "°C")) + text[match.end(2) :]


def as_files_have(text: str) -> str:
    """Return a quantity with its unit in letters of any keyboard, such as ``40 degC`` for ``40 °C``."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return text
    unit = match[2].replace("°C", "degC").replace("µ", "u").replace("\N{GREEK SMALL LETTER MU}", "u")
    return text[: match.start(2)] + unit + text[match.end(2) :]


def is_plain_text(text: str) -> bool:
    """Whether a text is no number at all, so that no unit belongs behind it."""
    return _NUMBER.fullmatch(text) is None


def stepped(text: str, steps: int) -> str | None:
    """Return a number with its unit, changed by `steps` in its last digit; None if it is none."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    try:
        number = Decimal(match[1])
    except InvalidOperation:
        return None
    exponent = min(int(number.as_tuple().exponent), 0)
    changed = number + steps * Decimal(1).scaleb(exponent)
    return f"{changed:f} {match[2]}".strip()


def pretty(value: float, unit: QuantityUnit) -> str:
    """Return a number in the unit that makes it short, e.g. ``1 MHz`` for 1e6 Hz; `parse` gives the same number."""
    names = LARGER.get(unit.unit, (unit.unit,)) if value else (unit.unit,)
    texts = [f"{_in_unit(value, unit, name)} {SHOWN.get(name, name)}" for name in reversed(names)]
    return min((text for text in texts if unit.parse(text) == value), key=_digits)


def _in_unit(value: float, unit: QuantityUnit, name: str) -> str:
    factor = Decimal(repr(unit.parse(f"1 {name}"))) if name != unit.unit else Decimal(1)
    number = Decimal(repr(value)) / factor
    return f"{number.normalize():f}" if -9 < number.adjusted() < 12 else f"{number.normalize():e}"


def _digits(text: str) -> int:
    """Return how long the number of a text is."""
    return len(text.split()[0])
