"""What is wrong with a configuration file, and where."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One thing that is wrong.

    Attributes
    ----------
    message : str
        What is wrong, what is allowed and what to do.
    key : str
        Where in the file's structure, e.g. ``roles.laser.intensity``; empty for the whole file.
    line, column : int or None
        Where in the text, counted from 1; None where the whole file is meant.
    """

    message: str
    key: str = ""
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """Return the problem as one line of text."""
        place = [] if self.line is None else [f"line {self.line}, column {self.column}"]
        if self.key:
            place.append(f"key {self.key}")
        return f"{', '.join(place)}: {self.message}" if place else self.message


class ConfigError(Exception):
    """A configuration cannot be used; the text names the file and each problem in it.

    Parameters
    ----------
    source : str
        Path of the file, or what the text is called.
    problems : sequence of ConfigProblem
        At least one.
    """

    def __init__(self, source: str, *problems: ConfigProblem) -> None:
        self.source = source
        self.problems = problems
        if len(problems) == 1:
            place = ", " if problems[0].line is not None else ": "
            super().__init__(f"{source}{place}{problems[0]}")
        else:
            lines = "".join(f"\n  {problem}" for problem in problems)
            super().__init__(f"{source} has {len(problems)} problems:{lines}")
