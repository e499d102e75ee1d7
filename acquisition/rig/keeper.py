"""What looks after an open rig, seen from the rig."""

from contextlib import AbstractContextManager
from typing import Protocol


class Keeper(Protocol):
    """Looks after a rig until it is closed."""

    def reconnected(self) -> None:
        """Take note that it was tried to connect an instrument anew, which may have another address now."""

    def closing(self) -> AbstractContextManager[None]:
        """Return what goes on around the closing of the rig: it looks no more, and lets go of what is safe then."""
