"""Recordings for the tests of the report: simulated ones, and streams that lack something."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from acquisition.analysis.analyze import analyze
from acquisition.analysis.recording import Calibration
from acquisition.config.yaml_file import load_config
from acquisition.report.figure_data import FigureData, figure_data
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo
from simulators.bench import Bench
from simulators.laser import SimulatedLaser
from simulators.sample import Sample
from simulators.shutter import SimulatedShutter
from simulators.spad_array import SimulatedSpadArray
from tests.analysis.recordings import MemoryRecording

SAMPLES = Path(__file__).resolve().parents[2] / "configs" / "samples"
WAVELENGTH_NM = 450.0 + 1.84 * np.arange(320)


@cache
def simulated(sample: str, seconds: float) -> MemoryRecording:
    """Return a recording of the simulated rig at 1 MHz and a fifth of the intensity."""
    bench = Bench(load_config(SAMPLES / f"{sample}.yaml", Sample), 5)
    laser, shutter = SimulatedLaser("laser", bench), SimulatedShutter("shutter", bench)
    array = SimulatedSpadArray("spad_array", bench)
    for device in (laser, shutter, array):
        device.connect()
    laser.set_repetition_rate_hz(1e6)
    laser.set_intensity_percent(20.0)
    laser.set_emission(True)
    shutter.set_open(True)
    array.set_bias(True)
    info = array.stream_info()
    return MemoryRecording(info, list(array.photons(seconds)), Calibration(wavelength_nm=WAVELENGTH_NM))


@cache
def data_of(kind: str) -> FigureData:
    """Return the figure data of a kind of recording."""
    return figure_data(analyze(_recording(kind)))


def _recording(kind: str) -> MemoryRecording:
    if kind in ("empty", "no pulses"):
        return _stream(photons=0 if kind == "empty" else 20_000, pulsed=kind == "empty")
    if kind == "no wavelengths":
        return replace(simulated("never_charges", 10.0), calibration=Calibration())
    sample, seconds = {
        "charging dot": ("cdse_cds_table", 30.0),
        "never charging": ("never_charges", 10.0),
        "dark": ("dark", 2.0),
    }[kind]
    return simulated(sample, seconds)


def _stream(photons: int, pulsed: bool) -> MemoryRecording:
    """Return uniform photons on two pixels, not simulated by the bench."""
    rng = np.random.default_rng(8)
    block = PhotonBlock(
        np.sort(rng.integers(0, 2_000_000, photons)),
        rng.integers(0, 2, photons).astype(np.uint16),
        rng.integers(0, 1_000_000, photons).astype(np.uint32),
        0,
        2_000_000,
    )
    return MemoryRecording(PhotonStreamInfo(1e6, pulsed, 1.0, 2), [block], simulated=None)
