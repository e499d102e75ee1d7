"""A run is attended if a person is at the terminal, or as the command line says."""

from pathlib import Path

import pytest

from acquisition.cli import run as run_module
from acquisition.cli.main import main
from acquisition.cli.resume import resume_run
from acquisition.sequence import SequenceError
from acquisition.session import LocalSession

SHIPPED = Path(__file__).parents[2] / "configs" / "rigs" / "simulated.yaml"
DECLARED = "{repetition_rate: 1 MHz, intensity: 20 %, head: LDH, triggering: internal}"


@pytest.fixture
def told(monkeypatch):
    """Whether a session was told that its run is attended."""
    found = []

    def start(session, sequence, overrides=None, attended=True):
        found.append(attended)
        raise SequenceError("not now")

    def resume(session, run, allow_changes=False, attended=True):
        found.append(attended)
        raise SequenceError("not now")

    monkeypatch.setattr(LocalSession, "start", start)
    monkeypatch.setattr(LocalSession, "resume_run", resume)
    monkeypatch.setattr(LocalSession, "of_run", classmethod(lambda cls, run, rig=None: cls()))
    return found


@pytest.mark.parametrize(
    ("said", "has_person", "attended"),
    [((), False, False), ((), True, True), (("--unattended",), True, False), (("--attended",), False, True)],
)
def test_a_run_is_attended_as_said_or_by_who_is_at_the_terminal(said, has_person, attended, told, monkeypatch):
    monkeypatch.setattr(run_module, "keyboard_of", lambda screen: input if has_person else None)
    assert main(["run", "cascade", *said]) == 1
    with pytest.raises(SequenceError, match="not now"):
        resume_run(
            "runs/1", "simulated", False, None, None, {"--attended": True, "--unattended": False}.get("".join(said))
        )
    assert told == [attended, attended]


def by_hand_rig(tmp_path, authority):
    laser = f"{{kind: pdl_800d, authority: {authority}, declared: {DECLARED}, simulated: true}}"
    path = tmp_path / "rig.yaml"
    path.write_text(SHIPPED.read_text().replace("laser: {kind: simulated}", f"laser: {laser}"), encoding="utf-8")
    return str(path)


def test_check_shows_what_a_person_has_to_do_and_refuses_it_where_nobody_is(tmp_path, capsys):
    sequence = tmp_path / "dim.yaml"
    sequence.write_text("name: dim\nsteps:\n  - {kind: set_laser, intensity: 5 %}\n", encoding="utf-8")
    rig = by_hand_rig(tmp_path, "shutter")
    assert main(["check", str(sequence), "--rig", rig, "--out", str(tmp_path)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "needs a person: Step 1 (set laser: 5 %) needs you. laser: set the intensity to 5 %" in said
    assert main(["check", str(sequence), "--rig", rig, "--out", str(tmp_path), "--unattended"]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "line 3" in said
    assert "no software can do it, and nobody attends this run" in said


def test_check_refuses_to_leave_a_laser_alone_that_no_software_can_darken(tmp_path, capsys):
    rig = by_hand_rig(tmp_path, "none")
    assert main(["check", "cascade", "--rig", rig, "--unattended"]) == 1
    assert "no software can take the light of the laser off the sample (authority: none)" in " ".join(
        capsys.readouterr().err.split()
    )
