"""Each user has folders of their own, which a variable can put elsewhere."""

from pathlib import Path

import pytest

from acquisition import user_folders

FOLDERS = [user_folders.settings_folder, user_folders.data_folder, user_folders.state_folder]


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_is_the_users_own_and_named_after_the_program(folder, monkeypatch):
    monkeypatch.delenv(user_folders.VARIABLE, raising=False)
    assert folder().is_absolute()
    assert "cascadescope" in folder().parts


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_variable_puts_everything_into_one_folder(folder, monkeypatch, tmp_path):
    monkeypatch.setenv(user_folders.VARIABLE, str(tmp_path))
    assert folder() == tmp_path
    monkeypatch.setenv(user_folders.VARIABLE, "~/bench")
    assert folder() == Path.home() / "bench"
