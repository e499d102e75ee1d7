"""What may be asked of single instruments: steps by hand while no run goes on, and an alignment made of them."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from drivers.interfaces.closing import Closing


class HandVerbs(Closing):
    """The part of a session that acts on instruments as a person asks for it, step by step."""

    @abstractmethod
    def do_step(self, step: dict[str, Any]) -> dict[str, Any]:
        """Carry out one step of an instrument as a sequence would, with all its checks; return when it is read back.

        While nothing goes on, the instruments are armed and looked after as in a run. Light that is left on goes off
        10 min after the last such step, and a heater 8 h after it was last set; ``warnings`` of the status say so.
        Time of a simulated rig goes on as the wall's from the first such step to the next run.
        A run that starts takes the light off first; the heater stays as it is. In an alignment the step comes between
        two previews, and light and heater stay as they are set until the alignment ends.

        Parameters
        ----------
        step : dict
            ``kind`` and settings, with units as in a file (``intensity: "20 %"``) or under the names of the fields
            (``intensity_percent: 20.0``): set_laser, set_shutter, set_attenuator, set_focus, move_stage,
            set_temperature, set_spectrograph, set_camera_light and measure_power. In an alignment also count_photons
            and the procedures of sequences, such as confirm_single_emitter, acquire_background, centre_on_emitter and
            raster_scan, by their kind or as ``{"kind": "call", "procedure": ...}``.

        Returns
        -------
        dict
            What `devices` says of the instrument, and ``values`` that the step gave; a procedure has ``values`` only.

        Raises
        ------
        SessionError
            If a sequence goes on, the step is not one of these, or what it asks for is not allowed or was not done;
            a failed step ends no alignment.
        SequenceError
            If the instruments could not do it: the rig lacks one, a limit, or what is read back is something else.
        DeviceError
            If the instrument refuses.
        """

    @abstractmethod
    def switch_off(self, role: str | None = None) -> None:
        """Make one instrument, or all of them, safe at once: laser off, shutter closed, heater off.

        A step by hand that is just switching it on ends by that, and one that was asked for before is not done. Of an
        alignment, laser, shutter, heater and camera can be switched off at any time, also while it is paused and in
        the midst of a procedure: that ends, whoever waits for it gets an error, and the alignment goes on without
        them. In any other run use `pause`, `stop`, `abort` or `emergency_stop`.

        Parameters
        ----------
        role : str, optional
            Of the instrument, as in `devices`; without it all, while no run goes on.

        Raises
        ------
        SessionError, SequenceError
            If a sequence goes on, or there is no such instrument; if a step goes on that may switch it on again.
        NotSafeError, DeviceError
            If an instrument could not be made safe; an alignment is aborted then if it was to take the light off.
        """

    @abstractmethod
    def choose_sample(self, sample: str | None, seed: int | None = None) -> None:
        """Lay another sample under the simulated microscope of the rig, while nothing goes on.

        The instruments are made safe and disconnected, and connected anew when they are needed next, in a new
        simulated world. The session then is as if it had just been opened: the last run is stored, and no longer shown.
        Checks and runs that follow concern the new sample, which run.json names; ``sample`` of the status says which
        it is.

        Parameters
        ----------
        sample : str or None
            Path of a file or name of a shipped one; None: that of the rig file.
        seed : int, optional
            Of the simulated world from then on; without it, it stays.

        Raises
        ------
        SessionError
            If a run or a step by hand goes on, an interlock has tripped, or the SPAD array of the rig is not simulated
            in this program.
        ConfigError
            If the sample cannot be used; nothing has changed then.
        NotSafeError
            If an instrument could not be made safe; the session starts no run any more.
        """

    @abstractmethod
    def start_alignment(self, metadata: Mapping[str, Any] | None = None) -> str:
        """Start a run in which a person finds and centres an emitter; return the path of its folder at once.

        The photons are shown as they come, and not recorded. `do_step` sets instruments and carries out procedures in
        between. The instruments begin as they are; when it ends, by `stop` or otherwise, they are made safe. The
        panel ``alignment`` of `live` shows rate, spectrum, dose, bleaching and drift; ``mode`` of the status is
        ``alignment``, and ``last_step`` says what the last step gave.

        Light does not stay on the sample if a window has died or a person has left: if nobody has asked `live` for the
        panel ``alignment``, and no step was carried out, for 2 min (`aligning.NOBODY_LOOKS_S`), the alignment pauses,
        which is dark, and ``paused_because`` says so. `resume` goes on as ever.

        Parameters
        ----------
        metadata : mapping, optional
            As in a sequence, such as ``{"sample": "dot 7"}``.

        Raises
        ------
        SessionError
            If a run goes on, or an interlock has tripped.
        ConfigError, SequenceError
            If the metadata cannot be used.
        """
