"""What a rig file says of a SPAD Lambda."""

from typing import Annotated

from pydantic import Field

from acquisition.config.model import ConfigModel
from acquisition.config.quantity import Seconds, quantity

Volts = Annotated[float, quantity("V", "a voltage", "6 V")]

NO_RECORD = "none"


class SpadLambdaSettings(ConfigModel):
    """Address, voltage and calibration file of a SPAD Lambda.

    Attributes
    ----------
    host, port : str and int
        Where the command server of lSPAD listens.
    excess_voltage_v : float
        Excess bias of the diodes; lSPAD takes 4 to 9 V.
    calibration : str
        File with pixel map and clocks: a path, beside the rig file, or a shipped one.
    connect_timeout_s, reply_timeout_s, silence_timeout_s : float
        Longest waits for the connection, for a reply, and without progress of a stream.
    quiet_s : float
        A reply has ended when nothing follows for this long: how lSPAD ends its replies is not known.
    drain_timeout_s : float
        Longest time that lSPAD may go on sending after STOP.
    expects_dark_counts : bool
        Whether a second without any photon means that the bias is off; false for an array without dark counts.
    record_wire : str
        Folder into which the bytes of each stream are written as they come, or ``none``.
    simulated : bool
        Whether a simulator is to answer.
    """

    host: str = Field(min_length=1, default="127.0.0.1")
    port: int = Field(ge=1, le=65_535, default=9999)
    excess_voltage_v: Volts = Field(ge=4, le=9, default=6.0)
    calibration: str = Field(min_length=1, default="spad_lambda_device.yaml")
    connect_timeout_s: Seconds = Field(gt=0, le=60, default=5.0)
    reply_timeout_s: Seconds = Field(gt=0, le=30, default=5.0)
    silence_timeout_s: Seconds = Field(ge=1, le=60, default=5.0)
    quiet_s: Seconds = Field(ge=0.01, le=2, default=0.15)
    drain_timeout_s: Seconds = Field(gt=0, le=60, default=5.0)
    expects_dark_counts: bool = True
    record_wire: str = Field(min_length=1, default=NO_RECORD)
    simulated: bool = False
