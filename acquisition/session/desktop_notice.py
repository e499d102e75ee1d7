"""Shows a notice on the desktop; a program of its own, because what shows it differs on each system and may hang."""

import logging
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop_notifier import DesktopNotifier


class _Remembering(logging.Handler):
    """Keeps the last warning: the library logs what goes wrong and raises nothing."""

    said = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a warning."""
        self.said = f"{record.getMessage()}: {record.exc_info[1]}" if record.exc_info else record.getMessage()


def main(title: str, message: str) -> int:
    """Show a notice and return 0; where that cannot be, say why and return 1."""
    log, handler = logging.getLogger("desktop_notifier"), _Remembering(logging.WARNING)
    log.addHandler(handler)
    log.propagate = False
    try:
        import asyncio  # sessions name this module, and need neither

        from desktop_notifier import DesktopNotifier

        asyncio.run(_show(DesktopNotifier(app_name="cascadescope"), title, message))
    except ImportError:
        handler.said = "desktop-notifier is not installed; the extra `desktop` of cascadescope adds it"
    except Exception as error:  # whatever the system's own way of showing notices raises
        handler.said = f"this desktop shows none: {error!r}"
    if handler.said:
        print(handler.said, file=sys.stderr)
    return 1 if handler.said else 0


async def _show(notifier: "DesktopNotifier", title: str, message: str) -> None:
    await notifier.send(title=title, message=message)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
