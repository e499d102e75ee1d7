"""Protection of an EMCCD from its own gain: it rises only if a frame without gain shows that there is room.

Much light at high gain ages the gain register for good (the vendors' warning; which gains are harmful at which
light is unverified on hardware).
"""

from pydantic import Field

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Percent
from drivers.interfaces.camera import CameraLight, Frame
from drivers.interfaces.errors import StateError

HIGHEST_EVERYDAY_GAIN = 300.0
"""Above it the SDK wants its advanced mode, and the rig file a permit."""


class GainProtectionSettings(ConfigModel):
    """What the sensor stands, from its data sheet; there are no values that hold for all cameras.

    Attributes
    ----------
    electrons_per_count : float
        At gain 1 and the pre-amplifier gain and readout rate that are set.
    bias_counts : float
        Counts of a dark pixel.
    full_well_electrons : float
        Of a pixel of the gain register, after the multiplication.
    highest_share_percent : float
        Share of what fits, in full well and converter, that the brightest pixel may reach.
    permit_gain_above_300 : bool
        Allows gains that may damage the sensor.
    """

    electrons_per_count: float = Field(gt=0, le=1000)
    bias_counts: float = Field(ge=0, le=10_000)
    full_well_electrons: float = Field(gt=0, le=1e8)
    highest_share_percent: Percent = Field(gt=0, le=100, default=50.0)
    permit_gain_above_300: bool = False


class GainProtection:
    """Judges gains by the last frame that was taken without gain under the present conditions.

    Parameters
    ----------
    device : str
        Name of the camera in its rig.
    settings : GainProtectionSettings
        What the sensor stands.
    """

    def __init__(self, device: str, settings: GainProtectionSettings) -> None:
        self._device, self._settings = device, settings
        self.light = CameraLight.SAMPLE
        self._brightest_counts: int | None = None
        self._exposure_s, self._saturated, self._full_scale = 0.0, False, 0

    @property
    def needs_frame(self) -> bool:
        """Whether no frame without gain has been seen since the conditions have changed."""
        return self._brightest_counts is None

    def forget(self) -> None:
        """Forget what was seen, as light, exposure or shutter have changed."""
        self._brightest_counts = None

    def note(self, frame: Frame, full_scale: int) -> None:
        """Look at a frame; one with gain tells nothing. `full_scale` is the highest count of the converter."""
        if frame.em_gain <= 1:
            self._brightest_counts, self._exposure_s = int(frame.counts.max()), frame.exposure_s
            self._saturated, self._full_scale = frame.saturated, full_scale

    def check_light(self) -> None:
        """Raise `StateError` if other light than the sample's was declared: no gain then."""
        if self.light is not CameraLight.SAMPLE:
            raise StateError(
                self._device,
                f"keeps its EM gain off: the light on it is declared as {self.light.value}; gain is for the light of "
                f"the sample only. Switch the {self.light.value} light off and declare `{CameraLight.SAMPLE.value}`",
            )

    def check(self, em_gain: float) -> None:
        """Allow a gain.

        Raises
        ------
        StateError
            If there is no frame to judge by, or the gain would bring its brightest pixel too close to what fits.
        """
        self.check_light()
        if self._brightest_counts is None:
            raise StateError(self._device, "its EM gain rises only after a frame at gain 1 under the present light")
        if self._saturated:
            raise StateError(
                self._device,
                f"a frame of {self._exposure_s:g} s is saturated without EM gain already; lower the light or the "
                "exposure before the gain rises",
            )
        electrons = (self._brightest_counts - self._settings.bias_counts) * self._settings.electrons_per_count
        predicted, room = max(0.0, electrons) * em_gain, self._room_electrons()
        if predicted > room:
            raise StateError(
                self._device,
                f"em_gain = {em_gain:g} would bring the brightest pixel from {electrons:.3g} electrons in "
                f"{self._exposure_s:g} s to {predicted:.3g}, above {room:.3g} "
                f"({self._settings.highest_share_percent:g} % of what fits); at this light and exposure at most "
                f"{room / electrons:.3g}: lower gain, exposure or light",
            )

    def _room_electrons(self) -> float:
        """Return what may come out of the register for one pixel: a share of full well or converter."""
        settings = self._settings
        converter = (self._full_scale - settings.bias_counts) * settings.electrons_per_count
        return settings.highest_share_percent / 100 * min(settings.full_well_electrons, converter)
