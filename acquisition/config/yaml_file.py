"""Reading a YAML file into a `ConfigModel`, with line and column in every message."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from acquisition.config.errors import ConfigError, ConfigProblem
from acquisition.config.messages import problems_of
from acquisition.config.model import ConfigModel
from acquisition.config.positions import Loc, PlainData, position
from acquisition.config.quantity import FROM_FILE

MAX_BYTES = 1_000_000

Model = TypeVar("Model", bound=ConfigModel)


def load_config(path: str | Path, model: type[Model], change: Callable[[Any], Any] = lambda data: data) -> Model:
    """Read a YAML file.

    Parameters
    ----------
    path : str or Path
        UTF-8 text of at most 1 MB with one YAML 1.2 document, a mapping.
    model : type of ConfigModel
        What it should hold.
    change : callable, optional
        Takes the plain data of the file and returns what is checked instead, of the same structure.

    Raises
    ------
    ConfigError
        If the file cannot be read or does not hold that; the text lists every problem.
    """
    return parse_config(_read(Path(path)), model, str(path), change)


def parse_config(
    text: str, model: type[Model], source: str = "<text>", change: Callable[[Any], Any] = lambda data: data
) -> Model:
    """Read YAML text; `source` is what messages call it. Otherwise as `load_config`."""
    root = _parse(text, source)
    plain = PlainData()
    data = plain.convert(root)
    if plain.problems:
        raise ConfigError(source, *plain.problems)
    if data is None:
        raise ConfigError(source, ConfigProblem("is empty; it must hold a mapping of keys to values"))
    if not isinstance(data, dict):
        kind = "a list" if isinstance(data, list) else "a single value"
        raise ConfigError(source, ConfigProblem(f"holds {kind}; it must hold a mapping of keys to values (key: value)"))
    data = change(data)
    try:
        return model.model_validate(data, context={FROM_FILE: True}, by_alias=True, by_name=False)
    except ValidationError as error:
        raise ConfigError(source, *problems_of(error, model, data, root)) from error


def position_in_file(path: str | Path, place: Loc) -> tuple[int, int]:
    """Return line and column, from 1, of a place such as ``("steps", 3, "temperature")`` in a YAML file.

    For messages about a file that has been read, when something else refuses a value of it.

    Raises
    ------
    ConfigError
        If the file can no longer be read.
    """
    return position(_parse(_read(Path(path)), str(path)), place, of_key=False)


def _read(path: Path) -> str:
    problem = "no such file" if not path.exists() else "is a directory, not a file" if path.is_dir() else None
    if problem:
        raise ConfigError(str(path), ConfigProblem(f"{problem}; give the path of a YAML file"))
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(str(path), ConfigProblem(f"cannot be read: {error.strerror}")) from error
    if len(content) > MAX_BYTES:
        raise ConfigError(str(path), ConfigProblem(f"is larger than {MAX_BYTES} bytes; is it a configuration file?"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = f"line {line} is not UTF-8 text; save the file as UTF-8"
        raise ConfigError(str(path), ConfigProblem(message)) from error


def _parse(text: str, source: str) -> Any:
    yaml = YAML(typ="rt", pure=True)
    yaml.allow_duplicate_keys = False
    try:
        return yaml.load(text)
    except DuplicateKeyError as error:
        raise ConfigError(source, _problem(error, "the same key twice in one mapping")) from error
    except MarkedYAMLError as error:
        raise ConfigError(source, _problem(error, _what_is_wrong(error))) from error
    except ReaderError as error:
        message = f"holds the character U+{error.character:04X}, which YAML does not allow"
        raise ConfigError(source, ConfigProblem(message)) from error
    except RecursionError as error:
        raise ConfigError(source, ConfigProblem("is nested too deeply to be read")) from error
    except (YAMLError, ValueError) as error:
        raise ConfigError(source, ConfigProblem(f"is not valid YAML: {error}")) from error


def _what_is_wrong(error: MarkedYAMLError) -> str:
    text = " ".join(part for part in (error.context, error.problem) if part)
    if "'\\t'" in text:
        return "a tab stands where YAML wants spaces; indent with spaces"
    if "single document" in text:
        return "a second document (---) begins here; one file holds one"
    return f"is not valid YAML: {text}"


def _problem(error: MarkedYAMLError, message: str) -> ConfigProblem:
    mark = error.problem_mark or error.context_mark
    if isinstance(error, DuplicateKeyError):
        message = f"{message}: {str(error.problem).split(' with value')[0]}"
    return ConfigProblem(message) if mark is None else ConfigProblem(message, "", mark.line + 1, mark.column + 1)
