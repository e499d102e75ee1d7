"""Replay: a recording that plays the part of the SPAD array, so that the same program runs on old photons."""

from collections.abc import Generator, Iterator, Mapping

from acquisition.analysis.recording import PhotonRecording
from acquisition.storage.blocks import split_block
from acquisition.storage.errors import RecordingError
from drivers.interfaces.device import Identity, PlainValue
from drivers.interfaces.errors import CommunicationError
from drivers.interfaces.photons import PhotonBlock, PhotonStreamInfo
from drivers.interfaces.software import SoftwareSpadArray


class ReplaySpadArray(SoftwareSpadArray):
    """A SPAD array that yields a recording from its start, as fast as it is read, at each acquisition.

    The stream ends with the recording, if that is shorter than the duration asked for.
    `set_bias(False)` or `make_safe` from another thread end a stream at the next block.

    Parameters
    ----------
    name : str
        Name in the rig.
    recording : PhotonRecording
        What is replayed.
    """

    def __init__(self, name: str, recording: PhotonRecording) -> None:
        super().__init__(name)
        self._recording = recording

    @property
    def identity(self) -> Identity:
        """A replay is no hardware: always simulated, whatever was recorded."""
        self.require_connected()
        return Identity("cascadescope", "replay of a recording", "", "1", simulated=True)

    @property
    def pixel_count(self) -> int:
        """Number of pixels of the recording."""
        return self._recording.info.pixel_count

    def stream_info(self) -> PhotonStreamInfo:
        """Return what holds for the recording."""
        self.require_connected()
        return self._recording.info

    def photons(self, duration_s: float) -> Generator[PhotonBlock, None, None]:
        """Yield the first `duration_s` seconds of the recording in blocks of at most 1 s.

        Raises
        ------
        RangeError
            At the first block, if the duration is not above 0 and finite.
        StateError
            At the first block, if not connected, bias off or already acquiring.
        CommunicationError
            If the recording cannot be read further.
        """
        with self._occupied(duration_s):
            rate_hz = 1e12 / self._recording.info.period_ps
            pulses_per_s = max(1, int(rate_hz))
            for block in self._until(max(1, round(duration_s * rate_hz))):
                for part in split_block(block, pulses_per_s):
                    if not self._bias:
                        return
                    yield part

    def settings(self) -> Mapping[str, PlainValue]:
        """Return whether the bias is set on."""
        return {"bias": self._bias}

    def readings(self) -> Mapping[str, PlainValue]:
        """Return bias and laser period of the recording."""
        info = self.stream_info()
        return {"bias": self._bias, "period_ps": info.period_ps, "pulsed": info.pulsed}

    def _until(self, end_pulse: int) -> Iterator[PhotonBlock]:
        """Yield the blocks of the recording before `end_pulse`."""
        try:
            for block in self._recording.blocks():
                if block.end_pulse < end_pulse:
                    yield block
                    continue
                if block.first_pulse < end_pulse:
                    yield next(split_block(block, end_pulse - block.first_pulse, len(block) + 1))
                return
        except RecordingError as error:
            raise CommunicationError(self.name, f"the recording cannot be read further: {error}") from error
