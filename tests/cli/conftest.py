"""The commands see no settings of whoever runs the tests, and show nothing on their desktop."""

import pytest

from acquisition.user_folders import VARIABLE


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    """A folder of the user with alarms that nobody sees."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "alarms.yaml").write_text("desktop: false\n", encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(folder))
    return folder
