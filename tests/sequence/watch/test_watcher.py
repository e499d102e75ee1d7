"""The watch suspends a run for the right reasons, says them with numbers, and lets it go on."""

import dataclasses

import pytest

from acquisition.sequence import AcquirePhotons, Moment, SetTemperature, Setup, Soak, WaitUntilStable
from acquisition.sequence.watch.conditions import CountRate, Disk, Interlock, LaserRate, Temperature
from acquisition.sequence.watch.watcher import Watcher
from drivers.interfaces.errors import CommunicationError
from tests.sequence.fake_rig import FakeLaser, FakeRig

ACQUIRE = AcquirePhotons(duration_s=1000)
LIT = Setup(repetition_rate_hz=1e6, intensity_percent=20, emission=True, shutter_open=True)
OFF = [kind(enabled=False) for kind in (Interlock, LaserRate, Temperature, Disk)]


class DeclaredInterlock(FakeLaser):
    """A laser that shines, whose interlock nobody reads."""

    declared = frozenset({"interlock_closed"})

    def __init__(self, log):
        super().__init__(log)
        self.emission = True


class World:
    """A watcher on a fake rig whose time the test moves."""

    def __init__(self, *conditions, rest_bytes=lambda rate: None):
        self.rig = FakeRig()
        self.rig.laser.emission = True
        self.rig.heater.status = lambda: dataclasses.replace(self.heater)
        self.heater = type(FakeRig().heater.status())(20.0, None, False, None)
        self.free = 1e12
        self.warnings = []
        self.setup, self.step, self.point = LIT, ACQUIRE, 1
        kinds = {condition.kind for condition in conditions}
        others = [condition for condition in OFF if condition.kind not in kinds]
        self.watcher = Watcher(
            self.rig, [*conditions, *others], lambda: self.free, rest_bytes=rest_bytes, warn=self.warnings.append
        )

    def run(self, seconds, rate_cps=None):
        """Let time pass while the run goes on; return the reason as soon as it is suspended, else None."""
        for _ in range(seconds):
            self.rig.clock.time_s += 1.0
            if reason := self.watcher.tick(Moment(self.step, self.setup, self.point, rate_cps)):
                return reason
        return None

    def hold(self, seconds):
        """Let time pass while the run is suspended; return why it goes on, what it gives up for, or None."""
        for _ in range(seconds):
            self.rig.clock.time_s += 1.0
            if found := self.watcher.may_resume() or self.watcher.gives_up():
                return found
        return None

    def heat(self, temperature_c, off_c=0.0, *, heating=True, alarm=None):
        self.heater = type(self.heater)(temperature_c + off_c, temperature_c if heating else None, heating, alarm)


def test_the_laser_rate_suspends_with_numbers_and_resumes_within_half_the_tolerance():
    world = World(LaserRate())
    assert world.run(10) is None
    world.rig.laser.rate_hz = 1.002e6
    assert world.run(10) == (
        "the laser reads back 1.002 MHz where 1 MHz are set (0.2 % off, 0.1 % are tolerated), for 2 s"
    )
    world.rig.laser.rate_hz = 1.0008e6
    assert world.hold(100) is None
    world.rig.laser.rate_hz = 1.0004e6
    assert world.hold(10) is None
    assert "reads back 1.0004 MHz" in world.hold(1)


def test_a_laser_rate_that_the_sequence_has_not_set_is_not_judged():
    world = World(LaserRate())
    world.setup = Setup(emission=True)
    world.rig.laser.rate_hz = 3e6
    assert world.run(20) is None


def test_an_open_interlock_suspends_at_once_until_it_is_closed():
    world = World(Interlock(resume_after_s=5))
    assert world.run(3) is None
    world.rig.laser.interlock_closed = False
    assert world.run(1) == "the interlock of the laser is open"
    assert world.hold(60) is None
    world.rig.laser.interlock_closed, world.rig.laser.emission = True, False
    assert world.hold(6) == "the interlock of the laser is closed, for 5 s"


def test_a_laser_that_stops_emitting_suspends_but_not_where_the_sequence_wants_no_light():
    world = World(Interlock())
    world.rig.laser.emission = False
    world.setup = Setup(emission=False)
    assert world.run(5) is None
    world.setup = LIT
    assert "does not emit" in world.run(5)


def test_light_that_a_person_may_have_taken_off_does_not_come_back_before_a_person_resumes():
    world = World(Interlock(resume_after_s=5))
    world.rig.laser = DeclaredInterlock(world.rig.laser.log)
    world.rig.laser.emission = False
    assert "look at the laser, then resume the run" in world.run(1)
    assert world.hold(600) is None  # the run keeps its own emission off meanwhile
    world.rig.laser.emission = True
    assert world.run(5) is None  # a person has resumed it
    world.rig.laser.emission = False
    assert "look at the laser" in world.run(1)
    how, why = world.hold(3700)
    assert how == "stop"
    assert "does not emit" in why


def test_an_interlock_that_is_declared_is_not_told_as_read():
    world = World(Interlock(resume_after_s=5), Disk(during_s=0, resume_after_s=5))
    world.rig.laser = DeclaredInterlock(world.rig.laser.log)
    world.free = 1e9
    assert "GB are free" in world.run(1)
    world.free = 1e12
    assert "interlock" not in world.hold(10)
    [watched] = [each for each in world.watcher._watched if each.condition.kind == "interlock"]
    assert watched.text == "the interlock of the laser is declared as closed (nothing reads it)"


def test_the_disk_suspends_below_its_bound_and_asks_for_a_quarter_more():
    world = World(Disk(free_bytes=2e9, resume_after_s=10))
    world.free = 1.9e9
    assert world.run(20) == "1.9 GB are free on the disk, where 2 GB are needed, for 5 s"
    world.free = 2.4e9
    assert world.hold(50) is None
    world.free = 2.6e9
    assert "2.6 GB are free" in world.hold(12)


def test_less_room_on_the_disk_is_enough_if_the_rest_of_the_run_needs_less():
    world = World(Disk(), rest_bytes=lambda rate_cps: rate_cps * 1000)
    world.free = 1e9
    assert world.run(20, rate_cps=2e5) is None
    assert "0.4 GB are needed" not in str(world.run(1, rate_cps=2e5))
    world.free = 0.3e9
    assert "0.3 GB are free on the disk, where 0.4 GB are needed" in world.run(20, rate_cps=2e5)


def test_a_temperature_is_judged_once_it_has_settled():
    world = World(Temperature(band_c=0.5, during_s=10, resume_after_s=30))
    world.setup = dataclasses.replace(LIT, heating=SetTemperature(temperature_c=60))
    world.heat(60, off_c=-5)
    assert world.run(100) is None
    world.heat(60)
    assert world.run(40) is None
    world.heat(60, off_c=0.8)
    assert world.run(20) == (
        "the temperature is 60.80 degC at a setpoint of 60 degC (0.80 degC off, 0.5 degC are allowed), for 10 s"
    )
    world.heat(60, off_c=0.4)
    assert world.hold(100) is None
    world.heat(60, off_c=0.2)
    assert "the temperature is 60.20 degC" in world.hold(31)


def test_a_temperature_that_is_meant_to_change_is_not_judged():
    world = World(Temperature(resume_after_s=5))
    world.setup = dataclasses.replace(LIT, heating=SetTemperature(temperature_c=60))
    world.heat(60)
    assert world.run(20) is None
    world.step = SetTemperature(temperature_c=40)
    world.heat(40, off_c=20)
    assert world.run(20) is None
    world.setup = dataclasses.replace(LIT, heating=SetTemperature(temperature_c=40))
    world.step = WaitUntilStable()
    assert world.run(200) is None
    world.step = Soak(duration_s=1000)
    assert world.run(200) is None


def test_a_temperature_may_settle_while_the_sequence_waits_for_it():
    world = World(Temperature(resume_after_s=5))
    world.setup = dataclasses.replace(LIT, heating=SetTemperature(temperature_c=60))
    world.step = WaitUntilStable()
    world.heat(60)
    assert world.run(10) is None
    world.step = ACQUIRE
    world.heat(60, off_c=3)
    assert "3.00 degC off" in world.run(15)


@pytest.mark.parametrize(
    ("state", "said"),
    [({"alarm": "sensor broken"}, "the heater has an alarm: sensor broken"), ({"heating": False}, "the heater is off")],
)
def test_a_heater_with_an_alarm_or_off_by_itself_suspends_and_needs_a_person(state, said):
    world = World(Temperature(give_up_after_s=600, then="abort"))
    world.setup = dataclasses.replace(LIT, heating=SetTemperature(temperature_c=60))
    world.heat(60, **state)
    assert world.run(20).startswith(said)
    how, why = world.hold(700)
    assert how == "abort"
    assert "suspended for 600 s, and 600 s are allowed" in why


def test_a_heater_that_the_pause_has_switched_off_does_not_keep_the_run_suspended():
    world = World(Temperature(resume_after_s=5))
    world.setup = dataclasses.replace(LIT, heating=SetTemperature(temperature_c=60, on_pause="off"))
    world.heat(60)
    world.run(10)
    world.heat(60, off_c=2)
    assert world.run(20)
    world.heat(60, off_c=-20, heating=False)
    assert "the heater is off for the pause and has to reach 60 degC again" in world.hold(10)


def test_a_count_rate_that_collapses_is_looked_at_again_and_then_given_up():
    world = World(CountRate(below_share_percent=20, during_s=5, retry_after_s=60, retries=2))
    assert world.run(30, rate_cps=10_000) is None
    for number in (1, 2):
        assert world.run(20, rate_cps=900) == (
            "the count rate is 900 cps, where 2000 cps are expected (20 % of 1e+04 cps), for 5 s"
        )
        assert world.hold(59) is None
        assert world.hold(1) == f"after 60 s the count rate is looked at again ({number} of 2)"
    assert world.run(20, rate_cps=900)
    how, why = world.hold(1)
    assert how == "stop"
    assert "to look again 2 times, which are allowed, has not helped" in why


def test_a_count_rate_that_has_come_back_may_be_looked_at_as_often_again():
    world = World(CountRate(below_cps=2000, during_s=5, retry_after_s=60, retries=1))
    for _ in range(3):
        assert "as the sequence says" in world.run(20, rate_cps=900)
        assert "(1 of 1)" in world.hold(60)
        assert world.run(20, rate_cps=9000) is None


def test_the_reference_of_a_count_rate_belongs_to_its_point_and_is_without_the_background():
    world = World(CountRate(below_share_percent=50, background_cps=90_000, during_s=0))
    assert world.run(20, rate_cps=100_000) is None
    world.point = 2
    assert world.run(20, rate_cps=94_000) is None
    assert "the count rate is 1000 cps, where 2000 cps are expected" in world.run(1, rate_cps=91_000)


def test_the_background_is_what_the_detector_says_of_itself():
    world = World(CountRate(below_cps=2000, during_s=0))
    world.rig.spad_array.readings = lambda: {"dark_rate_cps": 98_000.0}
    assert "the count rate is 1000 cps" in world.run(1, rate_cps=99_000)


def test_a_count_rate_without_light_is_not_judged():
    world = World(CountRate(below_cps=2000, during_s=0))
    for setup in (Setup(), dataclasses.replace(LIT, shutter_open=False), dataclasses.replace(LIT, emission=False)):
        world.setup = setup
        assert world.run(5, rate_cps=100) is None


def test_all_conditions_must_be_well_before_the_run_goes_on():
    world = World(Interlock(resume_after_s=5), Disk(free_bytes=2e9, resume_after_s=5))
    world.rig.laser.interlock_closed = False
    assert world.run(1)
    world.free = 1e9
    world.rig.laser.interlock_closed = True
    assert world.hold(60) is None
    world.free = 1e12
    assert "interlock of the laser is closed" in world.hold(10)


def test_what_waits_for_a_person_never_gives_up():
    world = World(Interlock(then="wait", give_up_after_s=10))
    world.rig.laser.interlock_closed = False
    assert world.run(1)
    assert world.hold(10_000) is None


def test_a_person_who_lets_the_run_go_on_is_obeyed_until_it_is_wrong_again_for_as_long():
    world = World(LaserRate(during_s=5))
    world.rig.laser.rate_hz = 1.1e6
    assert world.run(6)
    assert world.run(5) is None
    assert world.run(1)


def silent():
    raise CommunicationError("laser", "does not answer")


def test_a_laser_that_does_not_answer_is_told_once_and_suspends_after_ten_seconds_until_it_does():
    world = World(Interlock(), LaserRate())
    status = world.rig.laser.status
    assert world.run(5) is None
    world.rig.laser.status = silent
    assert world.run(10) is None
    assert len(world.warnings) == 2
    assert "cannot be watched now: laser: does not answer" in world.warnings[0]
    assert world.run(1) == "interlock cannot be watched for 10 s: laser: does not answer"
    assert world.hold(60) is None
    world.rig.laser.status = status
    assert world.hold(10) is None
    assert "interlock of the laser is closed" in world.hold(2)


def test_a_silence_that_ends_in_time_suspends_nothing():
    world = World(Interlock(), LaserRate())
    status = world.rig.laser.status
    for _ in range(10):
        world.rig.laser.status = silent
        assert world.run(9) is None
        world.rig.laser.status = status
        assert world.run(1) is None


def test_a_heater_that_does_not_answer_suspends_after_thirty_seconds_if_it_is_used():
    world = World(Temperature(during_s=0))
    world.rig.heater.status = silent
    assert world.run(100) is None
    assert not world.warnings
    world.setup = dataclasses.replace(LIT, heating=SetTemperature(temperature_c=60))
    assert world.run(30) is None
    assert "temperature cannot be watched for 30 s" in world.run(1)


def test_what_does_not_answer_keeps_a_run_suspended_that_something_else_has_suspended():
    world = World(Interlock(), Disk(resume_after_s=5))
    world.free = 1e9
    assert world.run(10)
    status, world.rig.laser.status, world.free = world.rig.laser.status, silent, 1e12
    assert world.hold(8) is None
    world.rig.laser.status = status
    assert "1e+03 GB are free" in world.hold(1)


def watched_always():
    """Return a world in which the sequence names no condition."""
    world = World()
    world.watcher = Watcher(world.rig, (), lambda: world.free, warn=world.warnings.append)
    return world


@pytest.mark.parametrize("step", [Soak(duration_s=9), SetTemperature(temperature_c=60), WaitUntilStable(), ACQUIRE])
def test_an_alarm_of_the_heater_suspends_in_every_step_of_every_run(step):
    world = watched_always()
    world.step = step
    assert world.run(10) is None
    world.heat(60, alarm="thermocouple open")
    assert world.run(10) == "the heater has an alarm: thermocouple open, for 2 s"


def test_a_heater_that_goes_off_suspends_every_run_but_no_distance_from_the_setpoint_does():
    world = watched_always()
    world.setup = dataclasses.replace(LIT, heating=SetTemperature(temperature_c=60))
    world.heat(60, off_c=-40)
    assert world.run(100) is None
    world.heat(60, heating=False)
    world.step = SetTemperature(temperature_c=60)
    assert world.run(10) is None
    world.step = ACQUIRE
    assert world.run(10) == "the heater is off, though it was to hold 60 degC, for 2 s"
    world.heat(60, off_c=-40)
    assert "the heater holds 60 degC" in world.hold(31)


def test_the_instruments_are_looked_at_once_a_second_however_often_it_is_asked():
    world = World(Interlock())
    looks = []
    status = world.rig.laser.status
    world.rig.laser.status = lambda: looks.append(1) or status()
    for _ in range(500):
        world.rig.clock.time_s += 0.02
        world.watcher.tick(Moment(ACQUIRE, LIT, 1, None))
    assert len(looks) in (9, 10, 11)


def test_what_suspends_says_for_how_long_it_may_have_been_wrong():
    world = World(LaserRate(during_s=5.0))
    assert world.run(10) is None
    assert world.watcher.bad_for_s() == 0.0
    world.rig.laser.rate_hz = 1.002e6
    assert world.run(10) is not None
    assert world.watcher.bad_for_s() == 6.0  # 5 s of bad readings, and up to one interval before the first
