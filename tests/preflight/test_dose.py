import pytest

from acquisition.preflight.dose import DoseMeter, Power, power_of


def test_light_is_added_up_between_changes() -> None:
    meter = DoseMeter()
    for time_s, percent in ((0.0, 0.0), (10.0, 20.0), (10.0, 20.0), (70.0, 50.0), (80.0, 0.0), (500.0, 0.0)):
        meter.look(time_s, percent)
    assert meter.percent_s == 20 * 60 + 50 * 10
    assert meter.lit_s == 70
    assert meter.only_intensity_percent == 0.0


@pytest.mark.parametrize(
    ("metadata", "power"),
    [
        ({"power_at_sample_uw": 3, "power_at_intensity_percent": 20.0}, Power(3.0, 20.0)),
        ({"power_at_sample_uw": 3.5}, Power(3.5, None)),
        ({"power_at_sample_uw": "much"}, None),
        ({"power_at_sample_uw": True}, None),
        ({}, None),
    ],
)
def test_the_power_stands_in_the_metadata(metadata: dict[str, object], power: Power | None) -> None:
    assert power_of(metadata) == power


def test_energy_is_proportional_to_the_intensity() -> None:
    assert Power(2.0, 10.0).energy_uj(1000.0, 0.0) == 200.0
    assert Power(2.0, None).energy_uj(1000.0, 20.0) == 100.0
    assert Power(2.0, None).energy_uj(1000.0, 0.0) is None
