from drivers.spad_array.chip_clocks import LONGEST_WAIT_PS, ChipClocks, Jump
from drivers.spad_array.record_kinds import MASTER, SLAVE

MS_PS = 1_000_000_000


def clocks() -> ChipClocks:
    return ChipClocks(100_000)


def test_markers_that_agree_make_all_before_them_certain() -> None:
    one = clocks()
    assert one.marker(SLAVE, 10 * MS_PS) is None
    assert one.settled_ps(12 * MS_PS) == 0
    assert one.marker(MASTER, 10 * MS_PS + 900) is None
    assert one.settled_ps(12 * MS_PS) == 10 * MS_PS
    assert one.mean_deviation_ps == 900


def test_without_markers_photons_wait_half_a_second_only() -> None:
    one = clocks()
    assert one.settled_ps(LONGEST_WAIT_PS - 1) == 0
    assert one.settled_ps(LONGEST_WAIT_PS + 1) == LONGEST_WAIT_PS + 1


def test_a_jump_of_a_tick_is_found_between_two_pairs_and_corrected_from_there_on() -> None:
    one = clocks()
    for ms in (10, 20):
        one.marker(SLAVE, ms * MS_PS)
        one.marker(MASTER, ms * MS_PS + 900)
    one.marker(MASTER, 30 * MS_PS + 101_000)
    assert one.marker(SLAVE, 30 * MS_PS) == Jump(100_000, 20 * MS_PS, 30 * MS_PS)
    one.marker(SLAVE, 40 * MS_PS)
    assert one.marker(MASTER, 40 * MS_PS + 1_000) is None
    assert one.jumps == 1


def test_markers_of_the_master_that_wait_are_corrected_with_a_jump() -> None:
    one = clocks()
    one.marker(MASTER, 10 * MS_PS + 100_000)
    one.marker(MASTER, 20 * MS_PS + 100_000)
    assert one.marker(SLAVE, 10 * MS_PS) == Jump(100_000, 0, 10 * MS_PS)
    assert one.marker(SLAVE, 20 * MS_PS) is None


def test_a_jump_that_is_no_whole_tick_is_corrected_by_what_was_seen() -> None:
    one = clocks()
    one.marker(SLAVE, 10 * MS_PS)
    assert one.marker(MASTER, 10 * MS_PS - 43_000) == Jump(-43_000, 0, 10 * MS_PS)


def test_a_marker_that_one_chip_has_lost_is_passed_over() -> None:
    one = clocks()
    for ms in (10, 20, 30):
        one.marker(SLAVE, ms * MS_PS)
    assert one.marker(MASTER, 30 * MS_PS) is None
    assert (one.pairs, one.agreed_ps, one.agree) == (1, 30 * MS_PS, True)


def test_clocks_that_never_meet_do_not_agree() -> None:
    one = clocks()
    for number in range(1, 80):
        one.marker(SLAVE, 10 * number * MS_PS)
        one.marker(MASTER, 10 * number * MS_PS + 5 * MS_PS)
    assert not one.agree
