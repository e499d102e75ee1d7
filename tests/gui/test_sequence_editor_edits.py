"""Steps are moved, changed and copied as text without losing what a person has written around them."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acquisition.config import find_config, parse_config, shipped_names
from acquisition.gui.sequence_editor import edits
from acquisition.gui.sequence_editor.catalogue import CLEANUP_KINDS, MODELS, groups, lists_of, new_step, what_it_does
from acquisition.gui.sequence_editor.document import problems_of_text
from acquisition.gui.sequence_editor.outline import outline, place_of_key
from acquisition.gui.sequence_editor.yaml_text import plain_of, read_yaml, write_yaml
from acquisition.sequence import Sequence

FILE = """\
# what this is for
name: three
metadata:
  sample: dot 7   # from the second batch
steps:
  - kind: set_laser   # as yesterday
    intensity: 20 %   # not more
    emission: true
  # then in the dark
  - kind: repeat
    for: wait
    values: [1 s, 2 s]
    steps:
      - {kind: soak, duration: $wait}
      - kind: analyze
  - kind: if
    condition: {value: verdict, equals: one}
    then:
      - kind: prompt
        text: Go on?
"""


@pytest.fixture
def root():
    """The nodes of a small sequence."""
    return read_yaml(FILE)


@pytest.mark.parametrize("name", shipped_names("sequences"))
def test_a_shipped_file_is_written_as_it_was_read(name):
    text = find_config("sequences", name).read_text(encoding="utf-8")
    assert write_yaml(read_yaml(text), text) == text


def test_comments_stay_where_a_value_changes(root):
    edits.replace(root, ("steps", 0), {"kind": "set_laser", "intensity": "25 %", "emission": True})
    assert write_yaml(root, FILE) == FILE.replace("20 %", "25 %")


def test_a_new_key_stands_before_the_comment_of_the_next_step(root):
    edits.replace(root, ("steps", 0), {"kind": "set_laser", "intensity": "20 %", "emission": True, "note": "bright"})
    text = write_yaml(root, FILE)
    assert text.index("note: bright") < text.index("# then in the dark") < text.index("kind: repeat")
    assert plain_of(read_yaml(text))["steps"][0]["note"] == "bright"


def test_a_key_that_goes_takes_no_other_with_it_and_steps_inside_stay(root):
    edits.replace(root, ("steps", 1), {"kind": "repeat", "for": "wait", "values": ["3 s"], "enabled": False})
    assert plain_of(root["steps"][1]) == {
        "kind": "repeat", "for": "wait", "values": ["3 s"], "enabled": False,
        "steps": [{"kind": "soak", "duration": "$wait"}, {"kind": "analyze"}],
    }  # fmt: skip
    edits.replace(root, ("steps", 0), {"kind": "set_laser", "emission": True})
    assert plain_of(root["steps"][0]) == {"kind": "set_laser", "emission": True}


@pytest.mark.parametrize(
    ("places", "section", "index", "kinds", "place"),
    [
        ([("steps", 0)], ("steps",), 3, ["repeat", "if", "set_laser"], ("steps", 2)),
        ([("steps", 2)], ("steps",), 0, ["if", "set_laser", "repeat"], ("steps", 0)),
        ([("steps", 0)], ("steps", 1, "steps"), 1, ["repeat", "if"], ("steps", 0, "steps", 1)),
        ([("steps", 1, "steps", 0), ("steps", 1, "steps", 1)], ("steps",), 0,
         ["soak", "analyze", "set_laser", "repeat", "if"], ("steps", 0)),
        ([("steps", 0), ("steps", 1)], ("steps", 2, "else"), 0, ["if"], ("steps", 0, "else", 0)),
        ([("steps", 1), ("steps", 1, "steps", 0)], ("steps",), 0, ["repeat", "set_laser", "if"], ("steps", 0)),
    ],
)  # fmt: skip
def test_steps_are_moved_and_nested_in_their_order(root, places, section, index, kinds, place):
    moved = [plain_of(edits.at(root, each)) for each in sorted(edits.topmost(places))]
    assert edits.move(root, places, section, index) == place
    assert [step["kind"] for step in root["steps"]] == kinds
    text = write_yaml(root, FILE)
    again = read_yaml(text)
    assert [plain_of(edits.at(again, (*place[:-1], place[-1] + offset))) for offset in range(len(moved))] == moved


def test_a_step_does_not_go_into_itself(root):
    with pytest.raises(ValueError, match="cannot go into itself"):
        edits.move(root, [("steps", 1)], ("steps", 1, "steps"), 0)
    assert write_yaml(root, FILE) == FILE


def test_what_is_removed_leaves_its_neighbour_chosen(root):
    assert edits.remove(root, [("steps", 0), ("steps", 2)]) == ("steps", 0)
    assert [step["kind"] for step in root["steps"]] == ["repeat"]
    assert edits.remove(root, [("steps", 0)]) == ("steps",)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("kind: soak\nduration: 3 s", ["soak"]), ("- kind: soak\n- kind: analyze", ["soak", "analyze"]),
        ("steps:\n  - kind: soak\n", ["soak"]), (FILE, ["set_laser", "repeat", "if"]),
    ],
)  # fmt: skip
def test_steps_are_pasted_from_yaml(text, kinds):
    assert [step["kind"] for step in edits.from_text(text)] == kinds


@pytest.mark.parametrize("text", ["", "hello", "[1, 2]", "- kind: soak\n  - x: 1", "{", "3"])
def test_what_is_no_step_is_not_pasted(text):
    with pytest.raises(ValueError, match="there are no steps to paste"):
        edits.from_text(text)


def test_what_is_copied_can_be_pasted_with_all_that_is_inside(root):
    copied = edits.from_text(edits.as_text(root, [("steps", 1), ("steps", 1, "steps", 0)]))
    assert [plain_of(step) for step in copied] == [plain_of(root["steps"][1])]


def test_metadata_change_without_losing_comments(root):
    edits.set_key(root, "metadata", {"sample": "dot 7", "operator": "Ada"})
    assert "  sample: dot 7   # from the second batch\n  operator: Ada\n" in write_yaml(root, FILE)
    edits.set_key(root, "metadata", None)
    assert "metadata" not in root


@pytest.mark.parametrize("kind", sorted(MODELS))
def test_a_new_step_of_every_kind_can_be_run_once_blocks_are_filled(kind):
    step = new_step(kind) | {key: [{"kind": "analyze"}] for key in lists_of(kind) if key in ("steps", "then")}
    text = write_yaml({"name": "one", "steps": [step]})
    if kind == "store_table":
        step["columns"], step["rows"] = ["a"], [[1]]
    sequence = parse_config(text, Sequence)
    assert sequence.steps[0].kind == kind
    assert len(what_it_does(kind)) > 20
    assert "_s`" not in what_it_does(kind)


def test_every_kind_stands_in_one_group_of_the_menu():
    kinds = [kind for group in groups().values() for kind in group]
    assert sorted(kinds) == sorted(MODELS)
    assert set(MODELS) > CLEANUP_KINDS


def test_what_is_wrong_stands_at_its_step():
    text = FILE.replace("{kind: soak, duration: $wait}", "{kind: soak, duration: $weight}").replace("dot 7", "true")
    found = outline(plain_of(read_yaml(text)), problems_of_text(text, None))
    wrong = {node.place: node.problems for node in found.every() if node.problems}
    assert set(wrong) == {(), ("steps", 1, "steps", 0)}
    assert wrong["steps", 1, "steps", 0][0].startswith("Duration: no repeat around it defines 'weight'")


def test_each_step_is_summed_up_in_a_line():
    found = outline(plain_of(read_yaml(FILE)))
    assert [(node.title, node.summary) for node in found.every() if node.kind] == [
        ("Set laser", "intensity 20 % · emission on"), ("Repeat", "wait = 1 s, 2 s"), ("Soak", "$wait"),
        ("Analyse the newest point", ""), ("If", "verdict is one"), ("Ask a person", "Go on?"),
    ]  # fmt: skip


@pytest.mark.parametrize("content", [{}, {"steps": 3}, {"steps": [None, 3, {"kind": "fly"}, {"kind": 7}, {}]}])
def test_an_outline_is_there_whatever_a_file_holds(content):
    found = outline(content)
    assert [node.place for node in found.children] == [("steps",), ("cleanup",)]


def test_a_key_of_a_message_names_a_place():
    assert place_of_key("steps[3].then[0].duration") == ("steps", 3, "then", 0, "duration")


labels = st.integers(0, 99).map(lambda number: {"kind": "prompt", "text": str(number)})
blocks = st.recursive(
    labels,
    lambda inner: st.lists(inner, max_size=3).map(
        lambda steps: {"kind": "repeat", "for": "x", "values": [1], "steps": steps}
    ),
    max_leaves=6,
)


def all_places(steps, section):
    """Yield the place of every step."""
    for index, step in enumerate(steps):
        yield (*section, index)
        yield from all_places(step.get("steps", ()), (*section, index, "steps"))


def texts(part):
    """Return the texts of all questions, in no order."""
    return sorted(re.findall(r"text: '?(\d+)", part))


@given(st.lists(blocks, min_size=1, max_size=4), st.data())
@settings(max_examples=30, deadline=None)
def test_no_step_is_lost_or_doubled_wherever_it_is_moved(steps, data):
    root = read_yaml(write_yaml({"name": "any", "steps": steps}))
    before = write_yaml(root)
    places = list(all_places(steps, ("steps",)))
    moved = data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=2, unique=True))
    sections = [("steps",), *((*place, "steps") for place in places if "steps" in edits.at(root, place))]
    section = data.draw(st.sampled_from(sections))
    index = data.draw(st.integers(0, len(edits.at(root, section))))
    first = plain_of(edits.at(root, min(edits.topmost(moved), key=edits.order)))
    try:
        place = edits.move(root, moved, section, index)
    except ValueError:
        assert any(section[: len(each)] == each for each in moved)
        assert write_yaml(root) == before
        return
    after = write_yaml(root)
    assert texts(after) == texts(before)
    assert plain_of(edits.at(read_yaml(after), place)) == first
