"""A wrong file is refused with its name, line, column, key and what is allowed."""

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field

from acquisition.config import (
    Celsius,
    ConfigError,
    ConfigModel,
    Seconds,
    find_config,
    load_config,
    parse_config,
    shipped_names,
)
from acquisition.config.yaml_file import MAX_BYTES


class Acquire(ConfigModel):
    kind: Literal["acquire"]
    duration_s: Annotated[Seconds, Field(gt=0)]


class Heat(ConfigModel):
    kind: Literal["heat"]
    temperature_c: Celsius


class Repeat(ConfigModel):
    kind: Literal["repeat"]
    count: int = 1
    wait_s: Seconds = 0.0
    steps: list["Step"]


Step = Annotated[Acquire | Heat | Repeat, Field(discriminator="kind")]
Repeat.model_rebuild()


class Recipe(ConfigModel):
    name: str
    metadata: dict[str, str] = Field(default_factory=dict)
    steps: list[Step] = Field(default_factory=list)


GOOD = """\
name: cascade
metadata: {date: 2026-11-20}
steps:
  - {kind: heat, temperature: 60 degC}
  - kind: repeat
    wait: 1 s
    steps:
      - kind: acquire
        duration: 10 min   # a comment
"""


LAUGHS = "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{name}: &{name} [{f'*{before},' * 9}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as error:
        parse_config(text, Recipe, "recipe.yaml")
    return str(error.value)


def test_a_good_file_is_read_with_units_and_nested_steps() -> None:
    recipe = parse_config(GOOD, Recipe)
    assert recipe.metadata == {"date": "2026-11-20"}
    assert recipe.steps == [
        Heat(kind="heat", temperature_c=60.0),
        Repeat(kind="repeat", wait_s=1.0, steps=[Acquire(kind="acquire", duration_s=600.0)]),
    ]


MISTAKES = [
    ("10 min", "10", "line 9, column 19, key steps[1].steps[0].duration: 10 has no unit; write a time with"),
    (
        "10 min",
        "-1 s",
        "line 9, column 19, key steps[1].steps[0].duration: -1 s is not allowed; must be greater than 0 s",
    ),
    (
        "duration: 10",
        "duraton: 10",
        "line 9, column 9, key steps[1].steps[0].duraton: is not a known key; did you mean",
    ),
    ("wait: 1 s", "wait_s: 1 s", "key steps[1].wait_s: is not a known key; did you mean 'wait'?"),
    (
        "kind: heat",
        "kind: hat",
        "line 4, column 12, key steps[0].kind: 'hat' is not a known kind; allowed are 'acquire',",
    ),
    ("kind: heat, ", "", "line 4, column 5, key steps[0].kind: is missing; allowed are 'acquire', 'heat', 'repeat'"),
    (", temperature: 60 degC", "", "key steps[0].temperature: is missing; write a temperature, for example 60 degC"),
    ("wait: 1 s", "count: many", "line 6, column 12, key steps[1].count: should be a valid integer"),
    ("cascade", "[1]", "line 1, column 7, key name: should be a valid string, not a list"),
    ("{date: 2026-11-20}", "", "key metadata: must be a mapping of keys to values, not empty"),
    ("name: cascade", "nme: cascade", "key name: is missing"),
    ("cascade", "!secret x", "the tag !secret is not allowed"),
    ("wait: 1 s", "4: 1 s", "key steps[1]: the key 4 is not text"),
    ("wait: 1 s", "kind: repeat", 'line 6, column 5: the same key twice in one mapping: found duplicate key "kind"'),
    ("    wait", "\twait", "line 6, column 1: a tab stands where YAML wants spaces"),
    ("name: cascade", "name: [cascade", "is not valid YAML"),
    ("name: cascade", "name: *cascade", "undefined alias"),
    ("steps:\n  - {", "--- \nsteps:\n  - {", "a second document (---) begins here"),
    ("cascade", "\x07", "the character U+0007"),
]


@pytest.mark.parametrize(("right", "wrong", "said"), MISTAKES)
def test_one_mistake_gets_one_message_with_its_place(right: str, wrong: str, said: str) -> None:
    assert right in GOOD
    message = refusal(GOOD.replace(right, wrong, 1))
    assert message.startswith("recipe.yaml")
    assert said in message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("# nothing yet", "is empty"),
        ("- a\n- b", "holds a list"),
        ("just words", "holds a single value"),
        ("[" * 1000, "nested too deeply"),
        (LAUGHS, "holds too much"),
    ],
)
def test_what_is_no_mapping_is_refused_in_bounded_time(text: str, said: str) -> None:
    assert said in refusal(text)


def test_all_mistakes_of_a_file_are_listed() -> None:
    message = refusal("nam: x\nsteps:\n  - {kind: acquire, duration: 5}\n  - 7\n")
    assert message.splitlines()[0] == "recipe.yaml has 4 problems:"
    assert "line 4, column 5, key steps[1]: must be a mapping of keys to values, not 7" in message


def test_a_file_that_cannot_be_read_gets_one_message(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("name: a\nx: Größe".encode("latin-1"))
    big = tmp_path / "big.yaml"
    big.write_bytes(b"#" * (MAX_BYTES + 1))
    for path, said in (
        (tmp_path, "directory"),
        (tmp_path / "no.yaml", "no such file"),
        (latin, "line 2 is not UTF-8"),
        (big, "larger"),
    ):
        with pytest.raises(ConfigError, match=said) as error:
            load_config(path, Recipe)
        assert str(path) in str(error.value)


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "windows.yaml"
    path.write_bytes(b"\xef\xbb\xbfname: x\r\nsteps: []\r\n")
    assert load_config(path, Recipe) == Recipe(name="x")


def test_a_path_is_found_as_it_is_and_an_unknown_name_lists_the_shipped_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "mine.yaml"
    mine.write_text("name: x")
    assert find_config("rigs", mine) == mine
    assert find_config("rigs", "mine.yaml") == Path("mine.yaml")
    with pytest.raises(ConfigError) as error:
        find_config("rigs", "simulatd")
    assert all(name in str(error.value) for name in shipped_names("rigs"))
