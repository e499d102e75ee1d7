"""Warnings of an analysis say in plain words what is missing."""

import pytest

from acquisition.analysis.explain import _what_is_missing


@pytest.mark.parametrize(
    ("gaps", "pulses", "words"),
    [
        (1, 0, "the stream is not whole"),
        (1, 1, "the stream was interrupted once; the bins of that are left out"),
        (3, 3, "the stream was interrupted 3 times; the bins of that are left out"),
        (1, 500, "1 gap of 500 pulses in the stream; their bins are left out"),
        (2, 500, "2 gaps of together 500 pulses in the stream; their bins are left out"),
    ],
)
def test_gaps_are_told_in_plain_words(gaps: int, pulses: int, words: str) -> None:
    assert _what_is_missing(gaps, pulses) == words
