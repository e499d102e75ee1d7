import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.heater.vaheat_json import LONGEST_OBJECT, ObjectStream, parsed, with_commas

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
OBJECTS = st.dictionaries(st.text(max_size=6), VALUES, max_size=5)

FORGOTTEN = b"""{
  "command": "GET_STREAMING",
  "success": true,
  "data":
  {
    "mode": "off"
    "rate": "1"
    "time": false
    "onoff": false
  }
}
"""


@given(objects=st.lists(OBJECTS, max_size=4), indent=st.sampled_from([None, 2]), cuts=st.lists(st.integers(0, 400)))
def test_objects_are_found_however_the_bytes_are_cut(objects, indent, cuts) -> None:
    text = b"\r\n".join(json.dumps(one, indent=indent, ensure_ascii=False).encode() for one in objects)
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    stream = ObjectStream()
    found = [one for begin, end in itertools.pairwise(places) for one in stream.feed(text[begin:end])]
    assert [parsed(one) for one in found] == objects
    assert not stream.unfinished


def test_braces_and_quotes_in_strings_do_not_count() -> None:
    text = rb'{"name": "a } \" { \\", "x": {}}'
    assert ObjectStream().feed(text) == [text]


def test_what_follows_garbage_is_not_taken_for_an_object() -> None:
    found = ObjectStream().feed(b': {"temperature": 26.6}\r\n')
    with pytest.raises(ValueError, match=r"Expecting value"):
        parsed(found[0])


def test_what_has_not_ended_can_be_given_up() -> None:
    stream = ObjectStream()
    assert stream.feed(b'{"data": {"temp') == []
    assert stream.unfinished
    assert stream.give_up() == b'{"data": {"temp'
    assert stream.feed(b'{"a": 1}') == [b'{"a": 1}']


def test_an_endless_object_does_not_fill_the_memory() -> None:
    stream = ObjectStream()
    found = stream.feed(b'{"a": "' + b"x" * 3 * LONGEST_OBJECT)
    assert max(len(text) for text in found) == LONGEST_OBJECT + 1
    assert found


def test_the_commas_that_the_firmware_forgets_are_put_back() -> None:
    data = parsed(with_commas(FORGOTTEN))["data"]
    assert data == {"mode": "off", "rate": "1", "time": False, "onoff": False}


@given(one=OBJECTS)
def test_putting_commas_back_changes_nothing_where_none_is_missing(one) -> None:
    text = json.dumps(one, indent=2).encode()
    assert parsed(with_commas(text)) == one


@pytest.mark.parametrize(
    "text",
    [b'{"a": NaN}', b'{"a": -Infinity}', b'{"a": 1e999}', b'{"a": 1, "a": 2}', b"[1]", b'{"a"}', b'{"a": "\xff"}'],
)
def test_numbers_that_are_none_and_keys_that_stand_twice_are_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parsed(text)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(ValueError, match=r".+"):
        parsed(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}")
