"""Light on the sensor of a camera whose double lives in another process: asked for at the control port.

The double of a camera's library lives in the program that drives it, and the sample in `cascadescope simulate`.
"""

import base64
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from simulators.bench import Bench
from simulators.sdk.scene import BenchScene
from simulators.widefield import WidefieldSettings

ARRAY = "float32_zlib_base64"
"""Key of an array: float32 in row order, compressed, as text."""

COMPRESSION = 1
MOST_PIXELS = 1 << 22


def packed(values: NDArray[np.float64]) -> dict[str, Any]:
    """Return an array as plain data."""
    data = zlib.compress(values.astype("<f4").tobytes(), COMPRESSION)
    return {"shape": list(values.shape), ARRAY: base64.b64encode(data).decode("ascii")}


def unpacked(answer: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return the array of plain data. Raises `ValueError` if there is none."""
    try:
        rows, columns = answer["shape"]
        data = zlib.decompress(base64.b64decode(answer[ARRAY]))
        return np.frombuffer(data, "<f4").astype(np.float64).reshape(rows, columns)
    except (KeyError, TypeError, zlib.error) as error:
        raise ValueError("the simulated world has sent no image") from error


class CameraLight:
    """Answers what falls on the one camera of a bench.

    Parameters
    ----------
    bench : Bench
        Whose sample it sees.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench, self._scene = bench, BenchScene(bench)

    def begin(
        self,
        light_path: Mapping[str, float],
        rows: int = Field(ge=1, le=8192),
        columns: int = Field(ge=1, le=8192),
    ) -> Mapping[str, Any]:
        """Start an acquisition; return its number and the seed of its noise. Raises `ValueError`."""
        if rows * columns > MOST_PIXELS:
            raise ValueError(f"{rows} x {columns} pixels are more than {MOST_PIXELS}")
        settings = WidefieldSettings.model_validate(dict(light_path))
        return {"point": self._scene.begin(settings, (rows, columns)), "seed": self._bench.seed}

    def electrons(
        self,
        begin_s: float = Field(ge=0, allow_inf_nan=False),
        duration_s: float = Field(gt=0, le=1e5, allow_inf_nan=False),
    ) -> Mapping[str, Any]:
        """Return the mean electrons of each pixel in a time since the acquisition began."""
        return packed(self._scene.electrons(begin_s, duration_s))
