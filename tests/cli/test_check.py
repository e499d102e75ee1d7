"""`cascadescope check` shows what a sequence would be like, and ends as it can work or not."""

import pytest

from acquisition.cli.check import energy, size
from acquisition.cli.main import main


def write(tmp_path, *steps):
    path = tmp_path / "tried.yaml"
    path.write_text(
        "name: tried\nmetadata: {power_at_sample_uw: 2}\nsteps:\n" + "\n".join(f"  - {step}" for step in steps), "utf-8"
    )
    return str(path)


LIGHT = "{kind: set_laser, repetition_rate: 1 MHz, intensity: 20 %, emission: true}", "{kind: set_shutter, open: true}"


def test_a_forecast_is_shown(tmp_path, capsys):
    path = write(
        tmp_path, *LIGHT, "{kind: prompt, text: Is there oil?}", "{kind: set_temperature, temperature: 69 degC}",
        "{kind: wait_until_stable}", "{kind: acquire_photons, duration: 2 min, label: warm}",
    )  # fmt: skip
    assert main(["check", path, "--out", str(tmp_path), "--sample", "never_charges"]) == 0
    shown = capsys.readouterr().out
    for expected in ("twin of simulated", "acquiring 2:00", "warm", "lifetime", "% s in", "uJ", "MB afterwards",
                     "69 degC; the objective stands at most 70 degC", "Is there oil?", "settles after"):  # fmt: skip
        assert expected in shown, expected


def test_what_would_fail_is_refused_with_its_line(tmp_path, capsys):
    path = write(
        tmp_path,
        "{kind: set_temperature, temperature: 60 degC}",
        "{kind: wait_until_stable, window: 5 s, timeout: 6 s}",
    )
    assert main(["check", path, "--out", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert "cannot work" in said.err
    assert "line 5" in said.err
    assert "60 degC" in said.err


def test_what_the_rig_does_not_allow_is_refused_with_number_limit_and_line(tmp_path, capsys):
    path = write(tmp_path, "{kind: set_temperature, temperature: 71 degC}")
    assert main(["check", path]) == 1
    said = capsys.readouterr().err
    assert "line 4" in said
    assert "71 degC is not allowed" in said
    assert "70 degC" in said


@pytest.mark.parametrize(("dose_uj", "text"), [(12.0, "12 uJ"), (3456.0, "3.46 mJ"), (7.2e6, "7.2 J")])
def test_energies_have_a_unit_that_fits(dose_uj, text):
    assert energy(dose_uj) == text


@pytest.mark.parametrize(("count", "text"), [(1e3, "1 kB"), (4.3e8, "430 MB"), (1.2e10, "12 GB"), (2e12, "2 TB")])
def test_sizes_have_a_unit_that_fits(count, text):
    assert size(count) == text
