import pytest
from pydantic import ValidationError

from acquisition.config.errors import ConfigError
from acquisition.config.shipped import shipped_names
from acquisition.config.yaml_file import parse_config
from acquisition.photophysics.microstates import state_rates
from simulators.nanocrystal import ZERO_CELSIUS_K, named_states, state_properties
from simulators.sample import Charging, Sample, TablePhotophysics
from tests.simulators.worlds import shipped_sample

# lifetime in ns and efficiency at 293 K (20 degC), Arens et al., ACS Nano 2026, 20, 3845
PAPER = {
    "X": (59.0, 1.00),
    "X-": (28.0, 0.88),
    "X2-": (20.0, 0.79),
    "BX": (11.2, 0.73),
    "BX-": (7.5, 0.67),
    "BX2-": (5.8, 0.60),
}
# the microstate model with B' = 55.7 /us at 293 K
MODEL = {
    "X": (58.4, 1.00, 0.24),
    "X-": (27.5, 0.91, 0.31),
    "X2-": (17.4, 0.82, 0.39),
    "BX": (11.4, 0.74, 0.31),
    "BX-": (7.3, 0.68, 0.40),
    "BX2-": (5.2, 0.63, 0.47),
}


@pytest.mark.parametrize("name", shipped_names("samples"))
def test_every_shipped_sample_can_be_read_and_written_back(name: str) -> None:
    sample = shipped_sample(name)
    assert sample.name == name
    assert Sample.model_validate(sample.to_file_data()) == sample


def test_the_table_sample_has_exactly_the_values_of_the_paper() -> None:
    states = named_states(shipped_sample().emitters[0], 20.0)
    assert {name: (state.lifetime_ns, state.quantum_efficiency) for name, state in states.items()} == PAPER


def test_the_microstate_sample_follows_the_model() -> None:
    states = named_states(shipped_sample("cdse_cds_microstate").emitters[0], 293.0 - ZERO_CELSIUS_K)
    for name, (lifetime_ns, efficiency, pp_fraction) in MODEL.items():
        assert states[name].lifetime_ns == pytest.approx(lifetime_ns, abs=0.06)
        assert states[name].quantum_efficiency == pytest.approx(efficiency, abs=0.0051)
        assert states[name].pp_fraction == pytest.approx(pp_fraction, abs=0.0051)


def test_other_temperatures_scale_the_table_by_the_model() -> None:
    emitter = shipped_sample().emitters[0]
    cold, hot = (state_rates(2, 2, celsius + ZERO_CELSIUS_K) for celsius in (20.0, 60.0))
    state = state_properties(emitter, 2, 0, 60.0)
    assert state.lifetime_ns == pytest.approx(11.2 * hot.lifetime_ns / cold.lifetime_ns)
    assert state.quantum_efficiency == pytest.approx(0.73 * hot.quantum_efficiency / cold.quantum_efficiency)
    assert state.pp_fraction == pytest.approx(hot.pp_fraction)
    assert state_properties(emitter, 1, 0, 60.0).quantum_efficiency == 1.0


@pytest.mark.parametrize("charge", [0, 1, 2])
@pytest.mark.parametrize("excitons", [3, 4])
def test_more_excitons_scale_the_biexciton_of_the_same_charge_by_the_model(excitons: int, charge: int) -> None:
    emitter, kelvin = shipped_sample().emitters[0], 20.0 + ZERO_CELSIUS_K
    two, more = state_rates(2 + charge, 2, kelvin), state_rates(excitons + charge, excitons, kelvin)
    biexciton, state = (state_properties(emitter, n, charge, 20.0) for n in (2, excitons))
    assert state.lifetime_ns / biexciton.lifetime_ns == pytest.approx(more.lifetime_ns / two.lifetime_ns)
    expected = more.quantum_efficiency / two.quantum_efficiency
    assert state.quantum_efficiency / biexciton.quantum_efficiency == pytest.approx(expected)


def test_the_triexciton_is_that_of_the_microstates() -> None:
    state = state_properties(shipped_sample("cdse_cds_microstate").emitters[0], 3, 0, 20.0)
    assert state.lifetime_ns == pytest.approx(4.1, abs=0.1)
    assert state.quantum_efficiency == pytest.approx(0.58, abs=0.01)


def test_energies_shift_to_the_red_with_each_electron() -> None:
    states = named_states(shipped_sample().emitters[0], 20.0)
    assert states["X"].energy_ss_ev == pytest.approx(1.780)
    assert states["X-"].energy_ss_ev == states["BX"].energy_ss_ev == pytest.approx(1.774)
    assert states["BX2-"].energy_ss_ev == pytest.approx(1.762)
    assert all(state.energy_pp_ev - state.energy_ss_ev == pytest.approx(0.057) for state in states.values())


def test_rates_and_lifetimes_agree() -> None:
    for state in named_states(shipped_sample().emitters[0], 35.0).values():
        assert state.k_rad_per_us + state.k_nonrad_per_us == pytest.approx(1e3 / state.lifetime_ns)
        assert set(state.to_dict()) >= {"lifetime_ns", "quantum_efficiency", "k_rad_per_us", "k_nonrad_per_us"}


def test_a_table_with_missing_states_is_refused_by_name() -> None:
    states = shipped_sample().emitters[0].photophysics.states
    with pytest.raises(ValidationError, match="BX2-"):
        TablePhotophysics(kind="table", states={name: states[name] for name in ("X", "X-", "X2-", "BX", "BX-")})


def test_a_charge_without_return_is_refused() -> None:
    with pytest.raises(ValidationError, match="minus1_to_neutral"):
        Charging(neutral_to_minus1_hz=0.3)


def test_a_sample_file_with_an_unknown_key_names_it_and_its_line() -> None:
    with pytest.raises(ConfigError, match=r"3.*multiexcitons"):
        parse_config("name: dot\nemitters: []\nmultiexcitons: cascade\n", Sample, "dot.yaml")
