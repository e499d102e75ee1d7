"""What all tests share, and the rule that a missing package fails the run instead of skipping tests."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
MISSING_PACKAGE = ("could not import", "No module named")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real recordings, which are not part of the project; skips without it."""
    if not SHARED_DATA.is_dir():
        pytest.skip("../shared/data is not there")
    return SHARED_DATA


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
