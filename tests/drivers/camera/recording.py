"""A library that writes down what it is asked, and answers otherwise where a test wants it to."""

from collections.abc import Callable
from typing import Any


class Recorded:
    """Passes calls on to a double; `answers` replaces the code of a function, for some calls or for all."""

    def __init__(self, double: Any) -> None:
        self.double = double
        self.calls: list[tuple[Any, ...]] = []
        self.answers: dict[str, list[int] | int] = {}
        self.before: dict[str, Callable[[], object]] = {}

    def __getattr__(self, name: str) -> Any:
        function = getattr(self.double, name)

        def call(*arguments: Any) -> int:
            self.calls.append((name, *(argument for argument in arguments if isinstance(argument, int | float))))
            if name in self.before:
                self.before[name]()
            answer = self.answers.get(name)
            if isinstance(answer, list):
                return answer.pop(0) if answer else function(*arguments)
            return function(*arguments) if answer is None else answer

        return call

    def names(self) -> list[str]:
        return [call[0] for call in self.calls]
