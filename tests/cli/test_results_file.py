"""The file that `analyze --out` names holds the old results or the new ones, never half of them."""

import errno

from acquisition.cli.main import main
from acquisition.session import LocalSession
from acquisition.storage import files


def test_the_results_of_before_stay_when_the_disk_is_full(tmp_path, monkeypatch, capsys):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    out = tmp_path / "out.json"
    out.write_text("of before")
    monkeypatch.setattr(LocalSession, "analyze", lambda session, path, report=None: {"photons": 7, "states": {}})
    monkeypatch.setattr(files.os, "fsync", full)
    assert main(["analyze", "photons.h5", "--out", str(out)]) == 1
    assert out.read_text() == "of before"
    assert "No space left on device" in capsys.readouterr().err
