"""What goes into an acquisition and what comes out: consumers, settings, progress and result."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from drivers.interfaces.photons import PhotonBlock


class PhotonRecorder(Protocol):
    """Stores the raw photons of one point. All methods are called from one thread."""

    def append(self, block: PhotonBlock) -> None:
        """Store a block; blocks come in their order."""

    def finish(self) -> object:
        """Make everything that was appended durable, at the end of the stream."""

    def abandon(self) -> None:
        """Close after an error and keep what is stored; must not raise."""


class LiveSnapshot(Protocol):
    """Numbers of an acquisition so far."""

    @property
    def elapsed_s(self) -> float:
        """Time of the stream that was analysed."""

    @property
    def photons(self) -> int:
        """Photons that were analysed."""

    @property
    def count_rate_cps(self) -> float:
        """Present count rate."""

    @property
    def cascades(self) -> int:
        """Pulses with exactly two photons."""

    @property
    def charge_state(self) -> str | None:
        """Present charge state; None if it cannot be told."""


class LiveConsumer(Protocol):
    """Analyses blocks while they come: `update` from one thread, `snapshot` from any."""

    def update(self, block: PhotonBlock) -> None:
        """Take a block; blocks come in their order, some may be missing."""

    def snapshot(self) -> LiveSnapshot:
        """Return the numbers so far."""


class Goal(Protocol):
    """What ends an acquisition before its time is over."""

    def reached(self, elapsed_s: float, snapshot: LiveSnapshot) -> str | None:
        """Return in words that the goal is reached, else None.

        Called after each analysed block in the thread of the live analysis, until it is reached.
        Whoever wants the same end in each repetition decides by the two arguments alone.

        Parameters
        ----------
        elapsed_s : float
            Time of the whole point up to the end of that block, in s, earlier parts included.
        snapshot : LiveSnapshot
            The live numbers after that block.
        """


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """Sizes and patience of an acquisition.

    Attributes
    ----------
    shed : bool
        Whether a live analysis that lags loses blocks (real time must not wait) or the detector is
        read more slowly instead (simulation and replay, whose live results are then complete).
        The recorder never loses a block.
    queue_blocks, queue_photons : int
        Most that waits in each of the two queues.
    block_timeout_s : float
        Longest wait for a block of the detector, in wall time.
    stop_timeout_s : float
        Longest wait for the detector after the acquisition was told to stop, in wall time.
    write_timeout_s : float
        Longest time that the recorder may take for one block, in wall time.
    analysis_timeout_s : float
        Longest time that the live analysis may take for one block, in wall time.
    finish_timeout_s : float
        Longest time that the recorder may take to make its data durable, in wall time.
    """

    shed: bool = True
    queue_blocks: int = 64
    queue_photons: int = 4_000_000
    block_timeout_s: float = 30.0
    stop_timeout_s: float = 10.0
    write_timeout_s: float = 60.0
    analysis_timeout_s: float = 60.0
    finish_timeout_s: float = 300.0


class Ending(StrEnum):
    """Why an acquisition ended."""

    DURATION = "duration"
    GOAL = "goal"
    STOPPED = "stopped"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Progress:
    """State of an acquisition: what was read of a part, or of a point so far, and the newest live numbers if any."""

    elapsed_s: float
    photons: int
    live: LiveSnapshot | None


@dataclass(frozen=True, slots=True)
class AcquisitionResult:
    """What an acquisition gave.

    Attributes
    ----------
    ending : Ending
        Why it ended.
    photons, blocks : int
        What the detector delivered.
    recorded_photons : int
        Photons that the recorder took; equal to `photons` unless the recorder failed.
    end_pulse : int
        Laser pulses covered since the beginning of the point; the next part starts at `end_pulse` + 1.
    elapsed_s : float
        Time of the stream, without interruptions.
    live : LiveSnapshot or None
        The last live numbers; None if there was no live analysis or it failed before its first block.
    shed_blocks, shed_photons : int
        What the live analysis did not see; all of it is recorded.
    gaps, lost_pulses : int
        Intervals in which the detector may have lost photons, and the pulses in them.
    most_queued_photons : int
        Largest number of photons that have waited for the recorder.
    warnings : tuple of str
        What went wrong without ending the acquisition.
    reason : str
        The goal that was reached, in words; empty for every other ending.
    dark_s : float
        Time of the stream in blocks that do not count because the light went off before they ended.
    """

    ending: Ending
    photons: int
    blocks: int
    recorded_photons: int
    end_pulse: int
    elapsed_s: float
    live: LiveSnapshot | None
    shed_blocks: int
    shed_photons: int
    gaps: int
    lost_pulses: int
    most_queued_photons: int
    warnings: tuple[str, ...]
    reason: str = ""
    dark_s: float = 0.0

    @property
    def measured_s(self) -> float:
        """Time that counts: of the stream, without the blocks in which the light went off."""
        return self.elapsed_s - self.dark_s

    @classmethod
    def earlier(
        cls,
        photons: int,
        end_pulse: int,
        elapsed_s: float,
        gaps: int = 0,
        lost_pulses: int = 0,
        dark_s: float = 0.0,
    ) -> "AcquisitionResult":
        """Return what is known of the parts of a point that another process has recorded, as one part."""
        return cls(
            ending=Ending.STOPPED,
            photons=photons,
            blocks=0,
            recorded_photons=photons,
            end_pulse=end_pulse,
            elapsed_s=elapsed_s,
            live=None,
            shed_blocks=0,
            shed_photons=0,
            gaps=gaps,
            lost_pulses=lost_pulses,
            most_queued_photons=0,
            warnings=(),
            dark_s=dark_s,
        )

    @classmethod
    def joined(cls, parts: Sequence["AcquisitionResult"]) -> "AcquisitionResult":
        """Return the result of a point from those of its parts, in their order; it ended as the last did.

        Raises
        ------
        ValueError
            If there is no part.
        """
        if not parts:
            raise ValueError("a point has at least one part")
        last = parts[-1]
        return cls(
            ending=last.ending,
            photons=sum(part.photons for part in parts),
            blocks=sum(part.blocks for part in parts),
            recorded_photons=sum(part.recorded_photons for part in parts),
            end_pulse=max(part.end_pulse for part in parts),
            elapsed_s=sum(part.elapsed_s for part in parts),
            live=next((part.live for part in reversed(parts) if part.live is not None), None),
            shed_blocks=sum(part.shed_blocks for part in parts),
            shed_photons=sum(part.shed_photons for part in parts),
            gaps=sum(part.gaps for part in parts),
            lost_pulses=sum(part.lost_pulses for part in parts),
            most_queued_photons=max(part.most_queued_photons for part in parts),
            warnings=tuple(dict.fromkeys(warning for part in parts for warning in part.warnings)),
            reason=last.reason,
            dark_s=sum(part.dark_s for part in parts),
        )


class AcquisitionError(Exception):
    """An acquisition ended by an error; the cause stands in `__cause__`.

    Attributes
    ----------
    result : AcquisitionResult
        What there is.
    unsafe : Exception or None
        What `on_error` raised: the instruments may not be safe, whatever the cause was.
    """

    def __init__(self, message: str, result: AcquisitionResult, unsafe: Exception | None = None) -> None:
        super().__init__(message)
        self.result, self.unsafe = result, unsafe
