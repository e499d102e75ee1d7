"""Another sample is laid under the simulated microscope of an open session."""

import json
from pathlib import Path

import pytest

from acquisition.config import ConfigError
from acquisition.config.shipped import CONFIGS
from acquisition.rig import NotSafeError
from acquisition.session import ChangedError, LocalSession, SessionError, run_job
from acquisition.session import instrument_verbs as verbs

LIGHT = [
    {"kind": "set_laser", "repetition_rate": "1 MHz", "intensity": "20 %", "emission": True},
    {"kind": "set_shutter", "open": True},
]
STEPS = [*LIGHT, {"kind": "acquire_photons", "duration": "200 ms"}]


@pytest.fixture(autouse=True)
def not_analysed(monkeypatch):
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: None)


@pytest.fixture
def session(tmp_path, session_factory):
    return session_factory("simulated", str(tmp_path / "runs"), seed=7)


def run_json(session, steps=STEPS):
    run = session.start(steps)
    status = session.wait(60)
    assert status["outcome"] == "completed", status
    return json.loads(Path(run, "run.json").read_text(encoding="utf-8"))


def setting(session, role, name):
    [found] = [device for device in session.devices() if device["role"] == role]
    return found["settings"][name]


def test_runs_and_checks_that_follow_concern_the_new_sample(session):
    assert session.status()["sample"] == "cdse_cds_table"
    before = run_json(session)
    assert session.check(STEPS)["points"][0]["signal_photons"] > 100
    session.choose_sample("dark", 11)
    assert session.status()["sample"] == "dark"
    assert session.check(STEPS)["points"][0]["signal_photons"] == 0
    after = run_json(session)
    assert (before["sample"], before["opened"]["seed"]) == ("cdse_cds_table", 7)
    assert (after["sample"], after["opened"]["sample"], after["opened"]["seed"]) == ("dark", "dark", 11)
    assert after["simulation"]["seed"] == 11
    seen, dark = (record["points"][0]["photons"] for record in (before, after))
    assert seen - dark > 5 * (seen + dark) ** 0.5
    session.choose_sample(None)
    assert session.status()["sample"] == "cdse_cds_table"
    assert run_json(session)["opened"] == {"rig": "simulated", "sample": None, "seed": 11}


def test_a_file_of_ones_own_is_known_by_its_whole_path(session, tmp_path, monkeypatch):
    shipped = (CONFIGS / "samples" / "never_charges.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(shipped.replace("name: never_charges", "name: mine"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    session.choose_sample("mine.yaml")
    assert session.status()["sample"] == str((tmp_path / "mine.yaml").resolve())
    assert run_json(session)["sample"] == "mine"
    session.choose_sample(str(CONFIGS / "samples" / "dark.yaml"))
    assert session.status()["sample"] == "dark"


def test_what_was_on_is_off_and_what_was_shown_is_gone(session):
    run_json(session)
    assert session.live()["run"] is not None
    session.do_step(LIGHT[0])
    session.choose_sample("two_emitters")
    status = session.status()
    assert (status["run"], status["outcome"], status["last_step"], status["warnings"]) == (None, None, None, [])
    assert not any(session.live()["panels"].values())
    [laser] = [device for device in session.devices() if device["role"] == "laser"]
    assert laser["emission"] is False
    session.emergency_stop()
    assert session.status()["ok"]
    assert run_json(session)["sample"] == "two_emitters"


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"sample": "no_such_sample"}, "never_charges"),
        ({"sample": str(CONFIGS / "rigs" / "simulated.yaml")}, "emitters"),
        ({"sample": "dark", "seed": -1}, "negative"),
    ],
)
def test_a_sample_that_cannot_be_used_changes_nothing(session, asked, why):
    session.do_step({"kind": "set_laser", "repetition_rate": "2 MHz"})
    with pytest.raises(ConfigError, match=why):
        session.choose_sample(**asked)
    assert session.status()["sample"] == "cdse_cds_table"
    assert setting(session, "laser", "repetition_rate_hz") == 2e6


def test_while_a_run_or_an_alignment_goes_on_the_sample_stays(session):
    session.start([*LIGHT, {"kind": "acquire_photons", "duration": "1 h"}])
    with pytest.raises(SessionError, match="is going on"):
        session.choose_sample("dark")
    session.abort()
    session.wait(60)
    session.start_alignment()
    with pytest.raises(SessionError, match="is going on"):
        session.choose_sample("dark")
    session.stop()
    session.wait(60)
    assert session.status()["sample"] == "cdse_cds_table"


def test_a_rig_that_measures_what_is_there_has_no_sample_to_choose(session_factory, tmp_path):
    session = session_factory("wire", str(tmp_path / "runs"), guarded=False)
    assert session.status()["sample"] is None
    with pytest.raises(SessionError, match="cascadescope simulate --sample"):
        session.choose_sample("dark")


def test_what_has_tripped_is_not_forgotten_by_another_sample(tmp_path):
    with LocalSession("simulated", str(tmp_path)) as session:
        session.devices()
        session._in_use.interlocks.find("temperature", "the objective is too hot")
        with pytest.raises(SessionError, match="too hot"):
            session.choose_sample("dark")
        assert [each["name"] for each in session.status()["interlocks"]] == ["temperature"]


def test_instruments_that_cannot_be_made_safe_are_told_and_nothing_starts_any_more(tmp_path, monkeypatch):
    with LocalSession("simulated", str(tmp_path)) as session:
        session.devices()

        def fail(in_use):
            raise NotSafeError("close:", {"laser": RuntimeError("does not answer")}, ())

        with monkeypatch.context() as patched:
            patched.setattr(verbs.RigInUse, "close", fail)
            with pytest.raises(NotSafeError, match="does not answer"):
                session.choose_sample("dark")
        status = session.status()
        assert (status["state"], status["sample"]) == ("broken", "cdse_cds_table")
        with pytest.raises(SessionError, match="could not be made safe"):
            session.start(STEPS)


def test_a_session_that_is_closed_takes_no_sample(tmp_path):
    session = LocalSession("simulated", str(tmp_path))
    session.close()
    with pytest.raises(SessionError, match="closed"):
        session.choose_sample("dark")


def test_a_run_of_a_chosen_sample_is_resumed_with_it_and_refused_with_another(tmp_path):
    with LocalSession("simulated", str(tmp_path), seed=7) as session:
        session.choose_sample("two_emitters")
        run = session.start([*LIGHT, {"kind": "acquire_photons", "duration": "1 h"}])
        while not session.status()["photons"]:
            session.wait(0.01)
        session.abort()
        session.wait(60)
        session.choose_sample("dark")
        with pytest.raises(ChangedError, match="simulated sample: was 'two_emitters', is now 'dark'"):
            session.resume_run(run)
    with LocalSession.of_run(run) as again:
        assert again.status()["sample"] == "two_emitters"
        again.resume_run(run)
        assert again.status()["outcome"] is None
        again.abort()
        again.wait(60)
