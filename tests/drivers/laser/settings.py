"""Settings of lasers whose generators are simulated on this computer."""

from typing import Any

from drivers.laser.pdl_800d_settings import Pdl800DSettings

DECLARED = {"repetition_rate": "1 MHz", "intensity": "20 %", "head": "LDH-D-C-405", "triggering": "external"}


def visa(port: int) -> str:
    return f"TCPIP::127.0.0.1::{port}::SOCKET"


def trigger_settings(port: int = 1, model: str = "Keysight33250A", **more: Any) -> Pdl800DSettings:
    generator = {"model": model, "address": visa(port), **more}
    return pdl_settings(authority="trigger", generator=generator)


def gate_settings(port: int = 1, **more: Any) -> Pdl800DSettings:
    gate = {"generator": {"model": "Keysight33250A", "address": visa(port)}, **more}
    return pdl_settings(authority="gate", gate=gate, declared={**DECLARED, "triggering": "internal"})


def shutter_settings() -> Pdl800DSettings:
    return pdl_settings(authority="shutter", declared={**DECLARED, "triggering": "internal"})


def pdl_settings(**settings: Any) -> Pdl800DSettings:
    return Pdl800DSettings.model_validate({"declared": DECLARED, "simulated": True, **settings})
