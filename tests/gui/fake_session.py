"""A session without instruments and without a server, which notes what the window asks of it."""

import threading

from acquisition.remote.desk import METHODS
from acquisition.session.idle import IDLE

DEVICES = (
    {
        "role": "laser", "manufacturer": "PicoQuant", "model": "PDL 800-D", "serial": "1042", "firmware": "2.1",
        "simulated": True,
        "limits": {"repetition_rate_hz": [1e3, 80e6], "intensity_percent": [0.0, 100.0]},
        "settings": {"repetition_rate_hz": 1e6, "intensity_percent": 20.0}, "readings": {},
        "emission": False, "emission_declared": False,
    },
    {
        "role": "heater", "manufacturer": "Interherence", "model": "VAHEAT", "serial": "77", "firmware": "1.9",
        "simulated": True, "limits": {"temperature_c": [-5.0, 70.0]},
        "settings": {"setpoint_c": 40.0, "heating": True}, "readings": {"temperature_c": 39.8},
    },
)  # fmt: skip

CONTROL = {"in_control": "ada (process 1)", "mine": True, "clients": ["ada (process 1)"]}


class FakeSession:
    """Has every method that crosses the wire; `answers` says what each returns: a value, an error, or a function."""

    def __init__(self, **answers):
        self.lock = threading.Lock()
        self.calls = []
        self.answers = {
            "status": dict(IDLE), "devices": list(DEVICES), "control": CONTROL, "live": {"version": 0}, "runs": [],
            "queue": {"entries": [], "hold_reason": None, "state": "idle"}, **answers,
        }  # fmt: skip

    def __getattr__(self, name):
        if name not in METHODS:
            raise AttributeError(f"{name!r} cannot be asked of a session")

        def call(*positional, **named):
            arguments = METHODS[name].bind(positional, named)
            with self.lock:
                self.calls.append((name, arguments))
            answer = self.answers.get(name)
            if isinstance(answer, Exception):
                raise answer
            return answer(**arguments) if callable(answer) else answer

        return call

    def asked(self, name):
        """Return the arguments of each call of a method."""
        with self.lock:
            return [arguments for called, arguments in self.calls if called == name]
