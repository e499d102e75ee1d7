"""Plain data, and arrays of numbers, come out of the wire as they went in; nothing else goes in."""

import json
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from acquisition.remote.wire import WireError, decode, encode

LIMIT_BYTES = 100_000
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
PLAIN = st.recursive(SCALARS, lambda part: st.lists(part) | st.dictionaries(st.text(), part), max_leaves=8)
DTYPES = st.sampled_from(["<f8", ">f4", "<i8", "|u1", "<u4", "|b1", "<c16"])


@settings(max_examples=50)
@given(st.dictionaries(st.text(), PLAIN, max_size=3))
def test_plain_data_come_out_as_they_went_in(message):
    assert decode(encode(message, LIMIT_BYTES)) == message


@given(
    DTYPES.flatmap(lambda dtype: arrays_of.arrays(dtype, arrays_of.array_shapes(min_dims=0, min_side=0, max_side=4)))
)
def test_arrays_come_out_bit_for_bit(array):
    [found] = decode(encode({"a": array}, LIMIT_BYTES)).values()
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert found.tobytes() == array.tobytes()


def test_numbers_of_numpy_and_tuples_become_plain():
    assert decode(encode({"a": (np.float64(1.5), np.int32(2), np.True_)}, LIMIT_BYTES)) == {"a": [1.5, 2, True]}


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), object(), {1: 2}, b"bytes", {1, 2}, np.array([None]), {"__array__": "x"}],
    ids=["not a number", "infinity", "object", "key", "bytes", "set", "objects", "array mark"],
)
def test_anything_else_is_refused_where_it_is_sent(value):
    with pytest.raises(WireError, match="cannot be sent"):
        encode({"a": [value]}, LIMIT_BYTES)


def test_a_loop_is_refused_where_it_is_sent():
    loop = []
    loop.append(loop)
    with pytest.raises(WireError, match="cannot be sent"):
        encode({"a": loop}, LIMIT_BYTES)


def test_what_is_too_long_is_refused_where_it_is_sent():
    with pytest.raises(WireError, match="is 100008 bytes long, and 100000 are allowed"):
        encode({"a": "x" * 100_000}, LIMIT_BYTES)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "3", '{"a": NaN}', '{"a": 1e999}', b"{}", "[" * 100_000, '{"a": ' + "9" * 5000 + "}",
        '{"__array__": 3}', '{"__array__": "", "dtype": "|O", "shape": [0]}',
        '{"a": {"__array__": "AAAA", "dtype": "<f8", "shape": [1]}}',
        '{"a": {"__array__": "AAAA", "dtype": "<f3", "shape": [1]}}',
        '{"a": {"__array__": "AA==", "dtype": "|u1", "shape": [-1]}}',
        '{"a": {"__array__": "", "dtype": "|u1", "shape": [0, 99999999999999999999]}}',
        '{"a": {"__array__": "AA==", "dtype": "|u1", "shape": [true]}}',
        '{"a": {"__array__": "é", "dtype": "|u1", "shape": [1]}}',
    ],
    ids=lambda text: str(text[:40]),
)  # fmt: skip
def test_nonsense_is_refused_where_it_comes_in(text):
    with pytest.raises(WireError, match="the message"):
        decode(text)


@given(st.text() | st.binary() | PLAIN.map(json.dumps))
def test_any_text_is_an_object_or_refused(text):
    with suppress(WireError):
        assert isinstance(decode(text), dict)
