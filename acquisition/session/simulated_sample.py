"""Which sample lies under the simulated microscope of a rig, and whether another one may be laid there."""

from pathlib import Path

from acquisition.config import ConfigError, find_config, load_config, shipped_names
from acquisition.rig.file import RigFile
from acquisition.rig.opening import read_parts
from acquisition.session.base import SessionError


def sample_under(rig: str, sample: str | None) -> str | None:
    """Return the sample that is measured, as `Session.choose_sample` takes it; None where the SPAD array is real.

    Parameters
    ----------
    rig : str
        Path of a rig file or name of a shipped one.
    sample : str or None
        The sample that was chosen instead of the file's, as of `open_rig`.

    Returns
    -------
    str or None
        Name of a shipped sample, or the whole path of a file. Also None if the files cannot be read: whoever opens
        the rig is told why.
    """
    try:
        return _name_of(read_parts(rig, sample=sample).sample) if _is_simulated_here(rig) else None
    except (ConfigError, OSError):
        return None


def check_sample(rig: str, sample: str | None, seed: int | None) -> str | None:
    """Return a sample by its name or whole path, if it may lie under the microscope of a rig; None is the rig file's.

    Parameters
    ----------
    rig, sample, seed
        As of `open_rig`.

    Raises
    ------
    SessionError
        If the SPAD array is not simulated in this program.
    ConfigError
        If the rig or sample file cannot be used, or the seed is negative.
    """
    if not _is_simulated_here(rig):
        raise SessionError(
            f"the rig {rig} measures what lies under its microscope: no sample or seed can be chosen. Instruments that "
            "are simulated at their addresses get theirs by `cascadescope simulate --sample --seed`"
        )
    found = read_parts(rig, seed, sample).sample
    return None if sample is None else _name_of(found)


def _is_simulated_here(rig: str) -> bool:
    return load_config(find_config("rigs", rig), RigFile).roles.spad_array.in_process


def _name_of(path: Path) -> str:
    shipped = {find_config("samples", name).resolve(): name for name in shipped_names("samples")}
    whole = path.resolve()
    return shipped.get(whole, str(whole))
