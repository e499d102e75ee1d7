"""A slow decoder of lSPAD's records, written from the description of the wire, and what tests say to a server."""

import socket
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from ruamel.yaml import YAML

from acquisition.config.shipped import CONFIGS

MARKERS = {225: "dwell", 234: "wrap", 239: "start", 247: "overflow"}
DEVICE = YAML(typ="safe").load((CONFIGS / "calibrations" / "spad_lambda_device.yaml").read_text(encoding="utf-8"))
POSITIONS = {0: DEVICE["pixel_map"]["slave"], 1: DEVICE["pixel_map"]["master"]}
TIMEOUT_S = 20.0


@dataclass
class Decoded:
    """Photons as (tick, fine in ps, position), sorted; markers as (chip, name, tick, fine), as they came."""

    photons: list[tuple[int, int, int]] = field(default_factory=list)
    markers: list[tuple[int, str, int, int]] = field(default_factory=list)
    sent_ticks: dict[int, list[int]] = field(default_factory=lambda: {0: [], 1: []})
    late_records: int = 0

    def names(self) -> Counter[str]:
        return Counter(name for _, name, _, _ in self.markers)

    def of(self, name: str, chip: int) -> list[tuple[int, int]]:
        return [(tick, fine) for where, what, tick, fine in self.markers if (where, what) == (chip, name)]


def decode(data: bytes) -> Decoded:
    """Decode whole records; a photon of the last tick of an epoch that comes right after the wrap belongs before it."""
    assert len(data) % 7 == 0
    found, epoch, just_wrapped = Decoded(), {0: 0, 1: 0}, {0: False, 1: False}
    for at in range(0, len(data), 7):
        chip, identity = data[at], data[at + 1]
        coarse, fine = int.from_bytes(data[at + 2 : at + 4], "big"), int.from_bytes(data[at + 4 : at + 7], "big")
        assert chip in (0, 1)
        if identity == 234:
            epoch[chip] += 1
            just_wrapped[chip] = True
        late = just_wrapped[chip] and identity < 225 and coarse == 0xFFFF
        tick = (epoch[chip] - late) * 65536 + coarse
        if identity in MARKERS:
            found.markers.append((chip, MARKERS[identity], tick, fine))
        else:
            found.late_records += late
            just_wrapped[chip] = False
            found.photons.append((tick, fine, POSITIONS[chip][identity]))
            found.sent_ticks[chip].append(tick)
    found.photons.sort()
    return found


def photons_of(pulse: np.ndarray, pixel: np.ndarray, delay_ps: np.ndarray) -> list[tuple[int, int, int]]:
    """Return the photons of a block in the same form."""
    return sorted(zip(pulse.tolist(), delay_ps.tolist(), pixel.tolist(), strict=True))


class Caller:
    """A client of a server, whose every wait has an end."""

    def __init__(self, port: int, *, small_buffer: bool = False) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(TIMEOUT_S)
        if small_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect(("127.0.0.1", port))
        self.data = b""

    def line(self) -> str:
        return self.until(b"\n").decode().rstrip("\n")

    def ask(self, command: str) -> str:
        self.say(command)
        return self.line()

    def say(self, command: str) -> None:
        self.socket.sendall(f"{command}\n".encode())

    def until(self, ending: bytes) -> bytes:
        while ending not in self.data:
            got = self.socket.recv(65536)
            assert got, f"the server has hung up before {ending!r}; it said {self.data[-80:]!r}"
            self.data += got
        found, _, self.data = self.data.partition(ending)
        return found

    def records(self) -> bytes:
        """Return the bytes of a stream up to the DONE that ends it."""
        while not (self.data.endswith(b"DONE") and len(self.data) % 7 == 4):
            got = self.socket.recv(65536)
            assert got, "the server has hung up in the middle of a stream"
            self.data += got
        found, self.data = self.data[:-4], b""
        return found

    def hung_up(self) -> bool:
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionError:
            pass
        return True

    def close(self) -> None:
        self.socket.close()
