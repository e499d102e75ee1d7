"""The methods that cross: read from an interface, so that a new method of it needs nothing here."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from acquisition.remote.wire import WireError
from acquisition.session.access import Access, access_of


@dataclass(frozen=True, slots=True)
class Method:
    """A method of an interface.

    Attributes
    ----------
    name, access, doc
        As the interface says.
    signature : inspect.Signature
        Without ``self``.
    checks : mapping
        What decides whether a value is allowed, by the name of the argument.
    """

    name: str
    access: Access
    doc: str | None
    signature: inspect.Signature
    checks: Mapping[str, "TypeAdapter[Any]"]

    @property
    def usage(self) -> str:
        """How it is called, e.g. ``start(sequence, overrides=None)``."""
        bare = [each.replace(annotation=each.empty) for each in self.signature.parameters.values()]
        return f"{self.name}{self.signature.replace(parameters=bare, return_annotation=self.signature.empty)}"

    def bind(self, positional: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of a call by name. Raises `TypeError` as the call itself would."""
        try:
            return dict(self.signature.bind(*positional, **named).arguments)
        except TypeError as error:
            raise TypeError(f"{self.name}(): {error}") from None

    def checked(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return arguments that came over the wire, each of the type that the interface says.

        Raises
        ------
        WireError
            If one is missing, not known or of another type; says what is allowed.
        """
        parameters = self.signature.parameters
        unknown = [name for name in arguments if name not in parameters]
        missing = [
            name
            for name, each in parameters.items()
            if each.default is inspect.Parameter.empty and name not in arguments
        ]
        if unknown or missing:
            wrong = [f"{name!r:.60} is not known" for name in unknown] + [f"{name!r} is missing" for name in missing]
            raise WireError(f"{self.name}: argument {', '.join(wrong)}; allowed is {self.usage}")
        return {name: self._checked(name, value) for name, value in arguments.items()}

    def _checked(self, name: str, value: Any) -> Any:
        try:
            return self.checks[name].validate_python(value, strict=True)
        except ValidationError as error:
            found = sorted({problem["msg"] for problem in error.errors(include_url=False, include_input=False)})
            raise WireError(f"{self.name}: argument {name!r}: {'; or '.join(found)}; allowed is {self.usage}") from None


def methods_of(interface: type) -> dict[str, Method]:
    """Return what an abstract class asks of its subclasses, by name; `close` stays on its side of the wire."""
    names = sorted(getattr(interface, "__abstractmethods__", frozenset()) - {"close"})
    return {name: _method(name, getattr(interface, name)) for name in names}


def _method(name: str, function: Any) -> Method:
    whole = inspect.signature(function)
    parameters = list(whole.parameters.values())[1:]
    if any(each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD, each.POSITIONAL_ONLY) for each in parameters):
        raise TypeError(f"{name}: arguments that cross have names; use neither *, ** nor /")
    hints = get_type_hints(function, include_extras=True)
    checks: dict[str, TypeAdapter[Any]] = {each.name: TypeAdapter(hints[each.name]) for each in parameters}
    return Method(name, access_of(function), function.__doc__, whole.replace(parameters=parameters), checks)
