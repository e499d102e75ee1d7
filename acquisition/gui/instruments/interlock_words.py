"""Interlocks and guardian in words: what has tripped, what to do about it, and who would make all safe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from acquisition.gui.instruments.words import Level, Sign

TRIPPED = "tripped"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an interlock watches, and what a person does once it has tripped."""

    title: str
    to_do: str


_MEANINGS: Mapping[str, Meaning] = {
    "heater_temperature": Meaning(
        "Substrate too hot", "Heating is off. Let it cool, and look whether sample and objective have suffered."
    ),
    "heater_alarm": Meaning(
        "Alarm of the heater", "Heating is off. Look at the heater's own display, and at substrate and cable."
    ),
    "heater_sensor": Meaning(
        "Temperature sensor stuck", "Heating is off. Let it cool, then look at sensor and contacts of the substrate."
    ),
    "count_rate": Meaning(
        "Too much light on the detector",
        "Light is off. Lower the intensity, shut out room light, or look for an aggregate in the spot.",
    ),
    "camera_cooling": Meaning(
        "Camera gets warm", "EM gain is off. Look at cooler, fan and water of the camera before gain is used again."
    ),
    "no_answer": Meaning(
        "An instrument that may be on gives no answer",
        "Look at it: is its light or heat off? Mend power and cable, then press Reconnect on its card.",
    ),
    "laser_rate": Meaning(
        "Pulse rate is not as set", "Delays would be folded wrongly. Look at the laser's front panel and sync cable."
    ),
    "guardian": Meaning(
        "The guardian is gone",
        "Nobody would make the instruments safe if the session died. End the session and start it anew.",
    ),
    "interlocks": Meaning(
        "The interlocks cannot be judged", "Everything was made safe. Read the message, then restart."
    ),
    "standstill": Meaning(
        "A call into an instrument does not come back",
        "Look whether light and heat are off. Restart that instrument, then the session.",
    ),
}

TIP = (
    "Interlocks look at temperatures, count rate, cooling and answers twice a second, and make everything safe when "
    "one trips. It stays so until a person has acknowledged it."
)

GUARDIAN_TIPS: Mapping[str | None, str] = {
    "watching": "A second process watches the session, and switches light and heat off if the session dies or hangs.",
    "off": "NOBODY switches light and heat off if the session dies. Start the session under a guardian, as "
    "`cascadescope serve` and this window do by themselves.",
    "not needed": "No instrument of this rig goes on by itself when the session dies: simulated ones die with it.",
    None: "It is not known yet whether a second process would make the instruments safe if the session died.",
}


def meaning_of(name: str) -> Meaning:
    """Return what an interlock is called and what to do; one that is not known here is called by its name."""
    return _MEANINGS.get(name, Meaning(name.replace("_", " ").capitalize(), "See to its cause first."))


def interlock_words(interlock: Mapping[str, Any]) -> tuple[str, str]:
    """Return what has happened and since when, and what to do, of one of ``interlocks`` of the status."""
    meaning = meaning_of(str(interlock.get("name", "")))
    kind = "✗ INTERLOCK TRIPPED" if interlock.get("state") == TRIPPED else "! Warning"
    since = _clock(str(interlock.get("since", "")))
    return f"{kind} at {since}: {meaning.title} – {interlock.get('message', '')}", meaning.to_do


def interlocks_sign(interlocks: Sequence[Mapping[str, Any]] | None) -> Sign:
    """Return the state of all interlocks in two words."""
    if interlocks is None:
        return Sign("interlocks not known", Level.WARN)
    tripped = sum(each.get("state") == TRIPPED for each in interlocks)
    if tripped:
        return Sign(f"✗ {tripped} interlock{'s' if tripped > 1 else ''} TRIPPED", Level.BAD)
    return Sign("! interlocks warn", Level.WARN) if interlocks else Sign("✓ interlocks ok", Level.GOOD)


def guardian_sign(guardian: str | None) -> Sign:
    """Return whether somebody would make all safe, of ``guardian`` of the status."""
    return {
        "watching": Sign("✓ guardian watching", Level.GOOD),
        "off": Sign("✗ GUARDIAN OFF", Level.BAD),
        "not needed": Sign("○ guardian not needed", Level.FAINT),
    }.get(guardian or "", Sign("? guardian not known", Level.FAINT))


def _clock(since: str) -> str:
    """Return the local time of day of an ISO time; the text itself if it is none."""
    try:
        return f"{datetime.fromisoformat(since).astimezone():%H:%M:%S}"
    except ValueError:
        return since or "an unknown time"
