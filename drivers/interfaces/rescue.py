"""How an instrument is made safe by another process when the program that drove it has died."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rescue:
    """What the guardian needs to make one instrument safe from nothing: plain data that goes over a pipe.

    Attributes
    ----------
    device : str
        Name of the instrument in its rig.
    kind : str
        Module of `drivers.rescue` that does it: ``drivers.rescue.<kind>.rescue(**arguments)``.
    arguments : mapping
        Its arguments: addresses and settings, all plain values.
    last : bool
        Whether it comes after all others have been tried: true for the bias of a SPAD array, which is in
        danger only while there is light.
    """

    device: str
    kind: str
    arguments: Mapping[str, str | float | int | bool | None] = field(default_factory=dict)
    last: bool = False
