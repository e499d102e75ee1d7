"""The instruments of a rig as Bluesky devices, and the end of a plan that leaves them safe."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeVar

from acquisition.bluesky_adapter.device import Quantity
from acquisition.bluesky_adapter.light import Light
from acquisition.bluesky_adapter.photons import PhotonExposure, RecorderFactory
from acquisition.bluesky_adapter.setting import Setting
from acquisition.bluesky_adapter.stage_axis import StageAxis, StageMoves
from acquisition.bluesky_adapter.temperature import STABILITY, Stability, Temperature
from acquisition.rig import Rig
from acquisition.session.looked_after import look_after

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BlueskyDevices:
    """The devices of one rig; None for an instrument that it does not have."""

    laser_rate: Setting[float]
    laser_intensity: Setting[float]
    laser_emission: Setting[bool]
    shutter: Setting[bool] | None
    temperature: Temperature | None
    stage_x: StageAxis | None
    stage_y: StageAxis | None
    spad_array: PhotonExposure


def bluesky_devices(
    rig: Rig,
    *,
    exposure_s: float = 1.0,
    stability: Stability = STABILITY,
    recorder_factory: RecorderFactory | None = None,
    guarded: bool = True,
) -> BlueskyDevices:
    """Return the instruments of an open rig for an ordinary RunEngine.

    The limits of the rig hold for every plan, and its interlocks are watched until it is closed. After
    `rig.make_safe`, and at first where instruments outlive the program, nothing goes on before `rig.arm`.

    Parameters
    ----------
    rig : Rig
        As `acquisition.scripting.open_rig` returns it.
    exposure_s : float
        Time of one exposure of the SPAD array in s; above 2 s its cascades are counted, too, in the
        stream after its first 2 s.
    stability : Stability
        When a temperature is reached.
    recorder_factory : callable, optional
        Stores the photons of each exposure; they are counted and let go by default.
    guarded : bool
        Whether a rig with instruments that outlive this program is refused if no guardian watches it, as
        `cascadescope script` provides one. False is dangerous: if the program dies, light, heat and bias stay on.

    Raises
    ------
    SessionError
        If a guardian is missing, or cannot make an instrument safe.
    """
    look_after(rig, guarded=guarded)
    light = Light(rig)
    stable = None if rig.heater is None else Temperature("temperature", rig.heater, rig, light, stability)
    moves = None if rig.stage is None else StageMoves(rig.stage)
    return BlueskyDevices(
        laser_rate=_laser_rate(rig, light),
        laser_intensity=_laser_intensity(rig, light),
        laser_emission=_laser_emission(rig, light),
        shutter=_shutter(rig, light),
        temperature=stable,
        stage_x=None if moves is None or rig.stage is None else StageAxis("x", rig.stage, moves, light),
        stage_y=None if moves is None or rig.stage is None else StageAxis("y", rig.stage, moves, light),
        spad_array=PhotonExposure("spad_array", rig, light, exposure_s, recorder_factory),
    )


def ending_safely(rig: Rig, plan: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
    """Carry out a plan and make the rig safe at its end: completed, failed, stopped, aborted or halted.

    Raises
    ------
    NotSafeError
        If an instrument could not be made safe.
    """
    try:
        return (yield from plan)
    finally:
        rig.make_safe()


def _laser_rate(rig: Rig, light: Light) -> Setting[float]:
    return Setting(
        "laser_rate",
        rig.laser,
        Quantity("laser_rate_hz", "Hz"),
        light,
        read=lambda: rig.laser.status().repetition_rate_hz,
        write=rig.laser.set_repetition_rate_hz,
        limit="repetition_rate_hz",
    )


def _laser_intensity(rig: Rig, light: Light) -> Setting[float]:
    return Setting(
        "laser_intensity",
        rig.laser,
        Quantity("laser_intensity_percent", "percent"),
        light,
        read=lambda: rig.laser.status().intensity_percent,
        write=rig.laser.set_intensity_percent,
        limit="intensity_percent",
    )


def _laser_emission(rig: Rig, light: Light) -> Setting[bool]:
    return Setting(
        "laser_emission",
        rig.laser,
        Quantity("laser_emission", "", "boolean"),
        light,
        read=lambda: rig.laser.status().emission,
        write=rig.laser.set_emission,
    )


def _shutter(rig: Rig, light: Light) -> Setting[bool] | None:
    shutter = rig.shutter
    if shutter is None:
        return None
    quantity = Quantity("shutter_open", "", "boolean")
    return Setting("shutter", shutter, quantity, light, read=shutter.is_open, write=shutter.set_open)
