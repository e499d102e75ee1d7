"""An lSPAD that falls silent, or another instrument in its place: told soon, with the address and what to do."""

import socket
import time

import pytest

from drivers.interfaces.errors import CommunicationError, DeviceTimeoutError
from drivers.spad_array.lspad_wire import GREETING_S
from drivers.spad_array.spad_lambda import SpadLambda
from drivers.spad_array.spad_lambda_settings import SpadLambdaSettings


def test_somebody_who_says_nothing_at_the_address_is_named_with_it_soon() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        begun_s = time.monotonic()
        with pytest.raises(DeviceTimeoutError, match=f"at 127.0.0.1:{port} .*restart lSPAD, or correct the address"):
            SpadLambda("spad_array", SpadLambdaSettings(port=port, simulated=True)).connect()
        assert time.monotonic() - begun_s < GREETING_S + 2.0


def test_nobody_at_the_address_is_a_refused_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(CommunicationError, match=f"127.0.0.1:{port} .nobody listens there: the connection is refused"):
        SpadLambda("spad_array", SpadLambdaSettings(port=port, simulated=True)).connect()
