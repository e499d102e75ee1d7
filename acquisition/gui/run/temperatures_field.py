"""A list of temperatures in one line: ``20, 40, 60 °C``."""

import re
from typing import Any

from acquisition.config import quantity
from acquisition.gui.forms.field import LineField

_UNIT = quantity("degC", "a temperature", "60 degC", "c")
_LETTERS = re.compile(r"[^\d\s.+-].*")


class TemperaturesField(LineField):
    """Temperatures with one unit for all, or one for each; the value is a list of texts such as ``20 degC``."""

    def _read(self, text: str) -> list[str]:
        parts = [part.strip().replace("°C", "degC") for part in re.split(r"[,;]", text) if part.strip()]
        if not parts:
            raise ValueError(self._missing())
        unit = _LETTERS.search(parts[-1])
        found = [part if _LETTERS.search(part) or unit is None else f"{part} {unit[0]}" for part in parts]
        found = [part if _LETTERS.search(part) else f"{part} degC" for part in found]
        for part in found:
            _UNIT.parse(part)
        return found

    def _show(self, text: str) -> None:
        super()._show(text.replace("degC", "°C"))

    def _write(self, value: Any) -> str:
        return write_temperatures(value)

    def _missing(self) -> str:
        return "is missing; write temperatures, for example 20, 40, 60 °C"

    def _tidied(self, text: str) -> str:
        return write_temperatures(self._read(text))


def write_temperatures(values: Any) -> str:
    """Return temperatures as one line, the unit once if it is the same for all."""
    texts = [str(value) for value in values]
    units = {text.partition(" ")[2] for text in texts}
    if len(units) == 1 and (unit := units.pop()):
        return f"{', '.join(text.partition(' ')[0] for text in texts)} {unit}"
    return ", ".join(texts)
