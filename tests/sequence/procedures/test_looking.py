"""Emitters are found in a field and brought into the spot; photons that are only counted stay numbers."""

import numpy as np
import pytest
from pydantic import ValidationError

from acquisition.rig import open_rig
from acquisition.sequence import (
    CentreOnEmitter,
    CountPhotons,
    Engine,
    MoveStage,
    RasterScan,
    RunStatus,
    SequenceError,
    SetShutter,
    check_sequence,
    load_sequence,
    read_history,
    read_steps,
)
from acquisition.sequence.steps import walk
from acquisition.streaming import StreamSettings
from tests.sequence.procedures.field import LIGHT, SEEN, MemoryServices, carry_out

TWO_DOTS = [(-4.1, -3.6), (-1.7, -4.4)]
SCAN = RasterScan(x_um=-2.9, y_um=-4.0, width_um=3.0, height_um=1.4, pitch_um=0.15, dwell_s=0.05, **SEEN)


@pytest.fixture(scope="module")
def scanned():
    return carry_out([*LIGHT, SCAN, CentreOnEmitter(emitter=2, dwell_s=0.1, **SEEN)], seed=3)


def test_a_raster_scan_finds_the_emitters_where_they_are(scanned):
    found = scanned.values("raster_scan")
    assert found["emitters_found"] == 2
    for x_um, y_um in TWO_DOTS:
        nearest = min(found["emitters"], key=lambda one: np.hypot(one["x_um"] - x_um, one["y_um"] - y_um))
        assert abs(nearest["x_um"] - x_um) < 4 * nearest["x_error_um"] < 0.08
        assert abs(nearest["y_um"] - y_um) < 4 * nearest["y_error_um"] < 0.08
    first, second = (one["count_rate_cps"] for one in found["emitters"])
    assert first > second


def test_the_map_of_a_scan_is_stored(scanned):
    title, columns, rows = scanned.services.tables[1]
    assert title == "raster scan"
    assert columns == ("x_um", "y_um", "counts", "duration_s")
    assert len(rows) == len(SCAN.places()) == 21 * 11
    assert scanned.values("raster_scan")["table"] == "scans/0001.csv"


def test_a_scan_goes_row_by_row_there_and_back():
    places = SCAN.places()
    assert places[20] == pytest.approx((-1.4, -4.7))
    assert places[21] == pytest.approx((-1.4, -4.56))
    steps = np.hypot(*np.diff(places, axis=0).T)
    assert steps.max() < 0.16


def test_centring_on_an_emitter_of_the_scan_goes_there(scanned):
    wanted, found = scanned.values("raster_scan")["emitters"][1], scanned.values("centre_on_emitter")
    assert found["centred"]
    assert np.hypot(found["x_um"] - wanted["x_um"], found["y_um"] - wanted["y_um"]) < 0.1


def test_looking_around_records_no_points(scanned):
    assert scanned.outcome.status is RunStatus.COMPLETED
    assert scanned.outcome.points == ()
    assert scanned.services.parts == {}


def test_what_a_scan_has_done_is_not_done_again_by_a_run_that_goes_on(scanned):
    """The steps that a procedure makes follow from the values in the journal."""
    kept = scanned.events[: len(scanned.events) * 2 // 3]
    again = carry_out([*LIGHT, SCAN, CentreOnEmitter(emitter=2, dwell_s=0.1, **SEEN)], 3, history=read_history(kept))
    assert again.outcome.status is RunStatus.COMPLETED
    begun = sum(event["event"] == "step_started" for event in kept)
    done = sum(event["event"] == "step_ended" for event in kept)
    started = [event["step"] for event in again.events if event["event"] == "step_started"]
    assert begun - 1 <= done
    assert started[0] == done + 1
    before = {event["step"]: event["values"]["counts"] for event in kept if "counts" in event.get("values", {})}
    counts = [row[2] for row in again.services.tables[1][2]]
    assert counts[: len(before)] == list(before.values())


def test_the_place_of_a_centred_emitter_is_right_within_its_error():
    errors, pulls = [], []
    for seed in range(40):
        begin = {"x_um": -4.0 + 0.1 * (seed % 3 - 1), "y_um": -3.5 - 0.1 * (seed % 2)}
        found = carry_out([*LIGHT, CentreOnEmitter(**begin, dwell_s=0.1, **SEEN)], seed).values("centre_on_emitter")
        assert found["centred"]
        for axis, truth_um in (("x", -4.1), ("y", -3.6)):
            error_um = found[f"emitter_{axis}_um"] - truth_um
            errors.append(error_um)
            pulls.append(error_um / found[f"emitter_{axis}_error_um"])
    assert abs(np.mean(errors)) < 4 * np.std(errors) / np.sqrt(80)
    # the error allows for an emitter that flickers independently from place to place; it switches more slowly
    assert 0.5 < np.std(pulls) < 1.25


def test_centring_where_nothing_is_fails_or_goes_on_as_asked():
    empty = {"x_um": -0.5, "y_um": 4.0, "dwell_s": 0.05, **SEEN}
    failed = carry_out([*LIGHT, CentreOnEmitter(**empty)])
    assert failed.outcome.status is RunStatus.FAILED
    assert "no emitter" in str(failed.outcome.error)
    went_on = carry_out([*LIGHT, CentreOnEmitter(**empty, on_lost="continue")])
    assert went_on.outcome.status is RunStatus.COMPLETED
    assert went_on.values("centre_on_emitter")["centred"] is False


def test_an_emitter_that_no_scan_has_found_is_told():
    done = carry_out([*LIGHT, CentreOnEmitter(emitter=3)])
    assert "no emitter 3 of a raster_scan; put one before" in str(done.outcome.error)
    went_on = carry_out([*LIGHT, CentreOnEmitter(emitter=3, on_lost="continue")])
    assert went_on.values("centre_on_emitter") == {"centred": False}


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"pitch_um": 0.5}, "wider than the spot"),
        ({"pitch_um": 0.001}, "more than 20000"),
        ({"pixels": (30, 20)}, "must not be negative and lie below the end"),
        ({"window_ns": (20.0, 20.0)}, "must not be negative and lie below the end"),
    ],
)
def test_a_scan_that_makes_no_sense_is_refused(keys, reason):
    with pytest.raises(ValidationError, match=reason):
        RasterScan(**{"width_um": 3.0, "height_um": 3.0, **keys})


def test_a_scan_beyond_the_stage_is_refused_before_the_start_with_its_line(tmp_path):
    path = tmp_path / "far.yaml"
    path.write_text("name: far\nsteps:\n  - kind: raster_scan\n    x: 999 um\n    width: 5 um\n    height: 5 um\n")
    sequence, _ = load_sequence(path)
    with open_rig("simulated") as rig, pytest.raises(Exception, match=r"line 3.*x_um = 1001\.5"):
        check_sequence(sequence, rig, path)


def test_pixels_that_the_array_does_not_have_are_refused():
    with open_rig("simulated") as rig:
        engine = Engine(rig, MemoryServices(), journal=[].append)
        with pytest.raises(SequenceError, match="end beyond the 320 pixels"):
            engine.begin([RasterScan(width_um=1.0, height_um=1.0, pixels=(300, 400))])


def test_a_procedure_yields_for_checks_what_it_needs():
    steps = [step for _, step in walk(read_steps([SCAN]))]
    corners = {(step.x_um, step.y_um) for step in steps if isinstance(step, MoveStage)}
    assert corners == {(x, y) for x in (-4.4, -1.4) for y in (-4.7, -3.3)}
    assert any(isinstance(step, CountPhotons) for step in steps)


def test_a_count_gives_the_rate_with_its_error_and_the_mean_pixel():
    done = carry_out([*LIGHT, CountPhotons(duration_s=1.0), CountPhotons(duration_s=1.0, **SEEN)], sample="dark")
    everything, part = (event["values"] for event in done.events if "counts" in event.get("values", {}))
    assert everything["count_rate_cps"] == everything["counts"] / everything["exposed_s"]
    assert everything["exposed_s"] == 1.0
    assert everything["count_rate_error_cps"] == pytest.approx(np.sqrt(everything["counts"]))
    assert part["counts"] < 0.1 * everything["counts"]
    assert 107 <= part["pixel_mean"] < 151


def test_a_count_that_is_paused_goes_on_and_counts_its_whole_time_in_the_light():
    with open_rig("simulated", seed=2, sample="cdse_cds_table") as rig:
        events = []
        engine = Engine(rig, MemoryServices(), journal=events.append, stream=StreamSettings(shed=False))
        paused = iter([True])

        def pause_once(event):
            events.append(event)
            if event["event"] == "step_started" and event["kind"] == "count_photons" and next(paused, False):
                engine.pause()
            if event["event"] == "paused":
                engine.resume()

        engine = Engine(rig, MemoryServices(), journal=pause_once, stream=StreamSettings(shed=False))
        outcome = engine.run([*LIGHT, CountPhotons(duration_s=3.0, **SEEN), SetShutter(open=False)])
    assert outcome.status is RunStatus.COMPLETED
    assert any(event["event"] == "paused" for event in events)
    [values] = [event["values"] for event in events if "counts" in event.get("values", {})]
    assert values["exposed_s"] == pytest.approx(3.0)
