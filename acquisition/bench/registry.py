"""The benches by name: each measures something that the program promises, and says whether the promise is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

Say: TypeAlias = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BenchResult:
    """What a bench has found.

    Attributes
    ----------
    ok : bool
        Whether the promise is kept.
    promise : str
        In words, with its bound.
    numbers : mapping
        What was measured, by name with unit.
    failures : tuple of str
        What is wrong, one sentence each.
    """

    ok: bool
    promise: str
    numbers: Mapping[str, float | int | str]
    failures: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return it for a JSON file."""
        return {
            "ok": self.ok,
            "promise": self.promise,
            "numbers": dict(self.numbers),
            "failures": list(self.failures),
        }


Bench: TypeAlias = Callable[[Say], BenchResult]
"""Measures, and is given a callable to say what it is doing."""


def _resume(say: Say) -> BenchResult:
    from acquisition.bench.resume import bench_resume

    return bench_resume(say)


def _check(say: Say) -> BenchResult:
    from acquisition.bench.check import bench_check

    return bench_check(say)


def _stream(say: Say) -> BenchResult:
    from acquisition.bench.stream import bench_stream

    return bench_stream(say)


def _lspad_simulator(say: Say) -> BenchResult:
    from acquisition.bench.lspad_simulator import bench_lspad_simulator

    return bench_lspad_simulator(say)


def _guardian(say: Say) -> BenchResult:
    from acquisition.bench.guardian import bench_guardian

    return bench_guardian(say)


def _spad_decode(say: Say) -> BenchResult:
    from acquisition.bench.spad_decode import bench_spad_decode

    return bench_spad_decode(say)


def _live_view(say: Say) -> BenchResult:
    from acquisition.bench.live_view import bench_live_view

    return bench_live_view(say)


def _window(say: Say) -> BenchResult:
    from acquisition.bench.window import bench_window

    return bench_window(say)


BENCHES: Mapping[str, Bench] = MappingProxyType(
    {
        "resume": _resume,
        "check": _check,
        "stream": _stream,
        "lspad_simulator": _lspad_simulator,
        "spad_decode": _spad_decode,
        "guardian": _guardian,
        "live_view": _live_view,
        "window": _window,
    }
)
"""All benches; what they need is loaded when they run."""
