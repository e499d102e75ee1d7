"""What happens to the program that asks changes nothing for the run that it has started."""

import subprocess
import sys

import pytest

from acquisition.remote import Announcement, RemoteSession, SessionServer
from acquisition.session import LocalSession, run_job

PROGRAM = """
import os
from acquisition.remote import RemoteSession
session = RemoteSession.find(name="ada")
session.take_control()
session.start([
    {"kind": "set_laser", "repetition_rate": "1 MHz", "intensity": "20 %", "emission": True},
    {"kind": "set_shutter", "open": True},
    {"kind": "acquire_photons", "duration_s": 36000},
])
while not session.status()["photons"]:
    session.wait(0.05)
print(session.control()["in_control"], flush=True)
session.wait(3600)
"""


@pytest.fixture
def served(tmp_path, monkeypatch):
    monkeypatch.setattr(run_job, "analyze_run", lambda folder, report: None)
    session = LocalSession("simulated", str(tmp_path / "runs"), seed=7)
    with SessionServer(session, Announcement("simulated")) as server:
        yield server


def test_a_run_goes_on_when_the_program_that_started_it_is_killed(served):
    program = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True)
    try:
        assert program.stdout.readline().strip() == "ada"
    finally:
        program.kill()
        program.communicate(timeout=30)
    with RemoteSession(served.endpoint, "bob") as bob:
        before = bob.status()
        assert before["state"] == "running"
        while bob.control()["in_control"] is not None:
            bob.wait(0.01)
        bob.take_control()
        while bob.status()["photons"] <= before["photons"]:
            bob.wait(0.01)
        bob.stop()
        assert bob.wait(60)["outcome"] == "stopped"
