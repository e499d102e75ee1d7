"""The main measurement over the wires of all instruments: the six states of the paper are found as they truly are."""

import pytest

from acquisition.cli.main import main
from acquisition.storage import read_json
from acquisition.user_folders import VARIABLE
from tests.wire.simulation import WireWorld

SECONDS = 60
SIGMAS = 5.0
STATES = {"X", "X-", "X2-", "BX", "BX-", "BX2-"}
QUANTITIES = ("lifetime_ns", "quantum_efficiency")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(name="measured", scope="module")
def _measured(wire_world: WireWorld, tmp_path_factory: pytest.TempPathFactory):
    """Results of the same measurement over wires and of the simulated rig, which have the same seed."""
    folder = tmp_path_factory.mktemp("runs")
    duration = f"acquire_photons.duration={SECONDS} s"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(folder / "home"))
        runs = {}
        for name, rig in (("wire", str(wire_world.rig)), ("simulated", "simulated")):
            out = folder / name
            assert main(["run", "cascade", "--rig", rig, "--set", duration, "--out", str(out)]) == 0
            [runs[name]] = out.iterdir()
        yield runs


def states_of(run):
    results = read_json(run / "results.json")
    assert results["simulated"] is True
    assert results["duration_s"] == pytest.approx(SECONDS)
    return results["states"]


def test_the_six_states_over_the_wires_agree_with_the_truth(measured, wire_world: WireWorld) -> None:
    states, truth = states_of(measured["wire"]), wire_world.control.truth()["states"]
    assert set(states) >= STATES
    compared = 0
    for state in STATES:
        for name in QUANTITIES:
            if states[state][name]["error"] > 0:  # that of X is assumed
                pull = (states[state][name]["value"] - truth[state][name]) / states[state][name]["error"]
                assert abs(pull) < SIGMAS, (state, name, pull)
                compared += 1
    assert compared == 2 * len(STATES) - 1


def test_over_the_wires_is_measured_what_the_simulated_rig_measures(measured) -> None:
    over_wires, simulated = states_of(measured["wire"]), states_of(measured["simulated"])
    for state in STATES:
        for name in QUANTITIES:
            one, other = over_wires[state][name], simulated[state][name]
            assert abs(one["value"] - other["value"]) <= max(one["error"], other["error"]), (state, name, one, other)


def test_nothing_of_the_acquisition_over_the_wires_was_lost(measured) -> None:
    [point] = read_json(measured["wire"] / "run.json")["points"]
    assert point["gaps"] == 0
