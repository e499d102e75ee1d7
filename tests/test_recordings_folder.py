"""Where the tests find real recordings, which are not part of the project."""

from pathlib import Path

import pytest

from tests.conftest import recordings_folder


def test_the_folder_that_is_said_goes_before_the_one_beside_the_checkout(tmp_path: Path) -> None:
    (tmp_path / "said").mkdir()
    (tmp_path / "beside").mkdir()
    assert recordings_folder(str(tmp_path / "said"), tmp_path / "beside") == tmp_path / "said"
    assert recordings_folder(None, tmp_path / "beside") == tmp_path / "beside"


def test_without_a_folder_the_tests_that_need_it_are_skipped(tmp_path: Path) -> None:
    with pytest.raises(pytest.skip.Exception, match="CASCADESCOPE_TEST_DATA is not set"):
        recordings_folder(None, tmp_path / "nothing")


def test_a_folder_that_is_said_and_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError, match=r"CASCADESCOPE_TEST_DATA is .*nothing"):
        recordings_folder(str(tmp_path / "nothing"), tmp_path)
