"""Finding the configuration files that come with the program, from any directory."""

from pathlib import Path

from acquisition.config.errors import ConfigError, ConfigProblem

CONFIGS = Path(__file__).resolve().parent.parent.parent / "configs"
"""Folder of the shipped files; it lies beside the package, in a checkout as in an installation."""

_SUFFIXES = (".yaml", ".yml")


def shipped_names(group: str) -> list[str]:
    """Return the names of the shipped files of a group such as ``"rigs"``, in alphabetical order."""
    return sorted(path.stem for path in (CONFIGS / group).glob("*.yaml"))


def find_config(group: str, path_or_name: str | Path) -> Path:
    """Return the path of a configuration file.

    Parameters
    ----------
    group : str
        Folder of the shipped files: ``"rigs"``, ``"samples"`` or ``"sequences"``.
    path_or_name : str or Path
        A bare name such as ``simulated`` means the shipped file, and otherwise a file in the
        working directory; anything with a folder or an ending is a path.

    Raises
    ------
    ConfigError
        If there is no such file; the text lists the shipped names.
    """
    given = Path(path_or_name)
    is_bare = isinstance(path_or_name, str) and len(given.parts) == 1 and given.suffix not in _SUFFIXES
    if is_bare and path_or_name in shipped_names(group):
        return CONFIGS / group / f"{path_or_name}.yaml"
    if given.is_file():
        return given
    names = ", ".join(shipped_names(group)) or "none"
    what = "is a directory, not a file" if given.is_dir() else "no such file"
    raise ConfigError(
        str(path_or_name), ConfigProblem(f"{what}; give the path of a YAML file or a shipped name ({names})")
    )
