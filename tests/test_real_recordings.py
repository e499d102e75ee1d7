"""Real recordings from other laboratories: what they hold is given, what they cannot give is said."""

from pathlib import Path

import pytest

from acquisition.cli.main import main
from acquisition.storage import read_json


def analysed(recording: Path, folder: Path) -> tuple[dict, str]:
    """Results and report of a file, by the command."""
    out, page = folder / "results.json", folder / "report.html"
    assert main(["analyze", str(recording), "--out", str(out), "--report", str(page)]) == 0
    return read_json(out), page.read_text(encoding="utf-8")


def test_an_image_of_beads_gives_counts_trace_and_decay(shared_data: Path, tmp_path: Path) -> None:
    found, page = analysed(shared_data / "tttr" / "beads.ptu", tmp_path)
    assert found["photons"] == 73_787
    assert sorted(found["photons_by_pixel"].values()) == [20_954, 52_833]
    assert found["duration_s"] == pytest.approx(10.55, abs=0.01)
    assert set(found["states"]) <= {"X"}
    assert any("no wavelength" in warning for warning in found["warnings"])
    assert any("background is not known" in warning for warning in found["warnings"])
    assert "Count trace" in page
    assert "Decays of the states" in page
    assert "SIMULATED" not in page


def test_a_stream_without_pulses_gives_counts_and_trace_only(shared_data: Path, tmp_path: Path) -> None:
    found, page = analysed(shared_data / "tttr" / "v30_t2.ptu", tmp_path)
    assert found["photons"] == 305_565
    assert found["duration_s"] == pytest.approx(5.0, abs=0.001)
    assert found["states"] == {}
    assert found["g2"] == {}
    assert any("no laser pulses" in warning for warning in found["warnings"])
    assert "Count trace" in page


def test_a_report_of_several_recordings_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", "a.h5", "b.h5", "--report", str(tmp_path / "report.html")]) == 1
    assert "one at a time" in capsys.readouterr().err
