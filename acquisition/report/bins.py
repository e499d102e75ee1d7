"""Adding up neighbouring bins of histograms."""

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray


def merged(edges: NDArray[Any], values: Sequence[NDArray[Any]], size: int) -> tuple[NDArray[Any], list[NDArray[Any]]]:
    """Add up every `size` bins; a rest at the end is left out."""
    whole = (len(edges) - 1) // size
    return edges[: whole * size + 1 : size], [v[: whole * size].reshape(whole, size).sum(axis=1) for v in values]
