"""What Ctrl-C offers while a run goes on in a terminal: the run is paused, and a person says how it goes on."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import Console

from acquisition.cli.keyboard import Ask
from acquisition.cli.terminal import complain
from acquisition.sequence import SequenceError
from acquisition.session import Session, SessionError
from acquisition.session.run_record import operator

REASON = "asked for at the terminal (Ctrl-C)"
CHOICES = "[r]esume  [n]ote  [s]top (keeps all, cleans up, analyses)  [a]bort (also Ctrl-C)  [Enter] shows this again:"


def pause_with_menu(session: Session, screen: Console, ask: Ask) -> bool:
    """Pause the run, and do what the person says until it is paused no more.

    Returns
    -------
    bool
        False if the run cannot be paused now: it is ending, or over.

    Raises
    ------
    KeyboardInterrupt
        If the run is to be aborted.
    """
    if session.status()["state"] not in ("running", "pausing", "paused"):
        return False
    try:
        session.pause(REASON)
    except (SessionError, SequenceError) as error:
        complain(str(error))
        return False
    while _is_held(session):
        for line in _what_is_on(session.devices()):
            screen.print(line, markup=False)
        said = ask(CHOICES, lambda: _is_held(session))
        if said is not None:
            _do(session, said.casefold(), ask)
    return True


def _is_held(session: Session) -> bool:
    return session.status()["state"] in ("pausing", "paused")


def _do(session: Session, said: str, ask: Ask) -> None:
    try:
        if said in ("r", "resume"):
            session.resume()
        elif said in ("n", "note"):
            text = ask("note:", lambda: _is_held(session))
            if text:
                session.note(text, operator({}))
        elif said in ("s", "stop"):
            session.stop()
        elif said in ("a", "abort"):
            raise KeyboardInterrupt
        elif said:
            complain(f"{said!r} is none of r, n, s, a")
    except (SessionError, SequenceError) as error:  # the run has gone on meanwhile
        complain(str(error))


def _what_is_on(devices: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what the instruments are doing while the run is paused."""
    yield "paused: no light falls on the sample"
    found = {device["role"]: device for device in devices}
    readings = {role: device["readings"] for role, device in found.items()}
    on = []
    if "laser" in found:
        on.append(f"laser {_laser(found['laser'])}")
    if "shutter" in found:
        on.append(f"shutter {_state(found['shutter'], 'open', 'open', 'closed')}")
    if "spad_array" in found:
        on.append(f"SPAD bias {_state(found['spad_array'], 'bias', 'on', 'off')}")
    yield "  " + ", ".join(on)
    if "temperature_c" in readings.get("heater", {}):
        yield f"  {_heater(readings['heater'])}"
    yield from (f"  no answer: {device['problem']}" for device in found.values() if device.get("problem"))


def _heater(readings: Mapping[str, Any]) -> str:
    is_now = f", substrate at {readings['temperature_c']:.1f} degC"
    if not readings["heating"] or readings["setpoint_c"] is None:
        return f"heater off{is_now}"
    return f"heater holds {readings['setpoint_c']:g} degC{is_now}; it goes off as max_hold of its step says"


def _laser(device: Mapping[str, Any]) -> str:
    """Return whether light leaves the laser, which lasers report by differently named readings or not at all."""
    if "emission" not in device:
        return _state(device, "emission", "on", "off")
    return f"{'on' if device['emission'] else 'off'}{' (as declared)' if device.get('emission_declared') else ''}"


def _state(device: Mapping[str, Any], name: str, yes: str, no: str) -> str:
    """Return what an instrument says of itself, or else how it was set, which is told."""
    if name in device["readings"]:
        return yes if device["readings"][name] else no
    was_set = device.get("settings", {}).get(name)
    return "not known" if was_set is None else f"{yes if was_set else no} (as it was set)"
