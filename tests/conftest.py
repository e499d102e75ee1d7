"""What all tests share, and the rule that a missing package fails the run instead of skipping tests."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

# the same examples every time: a new one that fails is found by whoever looks for it, not by whoever lands
settings.register_profile("same examples", derandomize=True, deadline=None)
settings.load_profile("same examples")

ROOT = Path(__file__).resolve().parent.parent
DATA_VARIABLE = "CASCADESCOPE_TEST_DATA"
_COMPILED = pytest.StashKey[Path]()
MISSING_PACKAGE = ("could not import", "No module named")


def pytest_configure(config: pytest.Config) -> None:
    """Let the many programs that tests start share compiled modules, also where none may be kept beside the code."""
    if sys.dont_write_bytecode and not hasattr(config, "workerinput"):  # workers inherit it
        config.stash[_COMPILED] = folder = Path(tempfile.mkdtemp(prefix="cascadescope-compiled-"))
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove them."""
    if folder := config.stash.get(_COMPILED, None):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """A folder of real recordings beside the checkout, or where `DATA_VARIABLE` says; skips if there is none.

    Raises
    ------
    NotADirectoryError
        If the variable is set to something else: whoever sets it does not want the tests to be skipped.
    """
    return recordings_folder(os.environ.get(DATA_VARIABLE), ROOT.parent / "shared" / "data")


def recordings_folder(said: str | None, beside: Path) -> Path:
    """Return the folder that was said, else the one beside the checkout; skips if that is not there."""
    if said:
        if not Path(said).is_dir():
            raise NotADirectoryError(f"{DATA_VARIABLE} is {said}; a folder of recordings is needed")
        return Path(said)
    if not beside.is_dir():
        pytest.skip(f"no folder of real recordings: {DATA_VARIABLE} is not set and none is beside the checkout")
    return beside


def skipped_for_a_missing_package(config: pytest.Config) -> list[str]:
    """Return where and why tests were skipped because a package is not installed."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = [] if reporter is None else reporter.stats.get("skipped", [])
    reasons = [f"{report.nodeid}: {report.longrepr[2]}" for report in skipped if isinstance(report.longrepr, tuple)]
    return [reason for reason in reasons if any(words in reason for words in MISSING_PACKAGE)]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Make a run fail that would pass by skipping."""
    if skipped_for_a_missing_package(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say so."""
    missing = skipped_for_a_missing_package(config)
    if missing:
        terminalreporter.section("failed: skipped for a missing package")
        for line in missing:
            terminalreporter.line(line)
