"""Reading YAML files with units, and saying file, line and key when something is wrong."""

from acquisition.config.errors import ConfigError, ConfigProblem
from acquisition.config.model import ConfigModel
from acquisition.config.quantity import (
    Celsius,
    CelsiusDifference,
    CelsiusPerMinute,
    CountsPerSecond,
    ElectronVolts,
    Hertz,
    Kelvin,
    Micrometres,
    Microseconds,
    MilliElectronVolts,
    Milliseconds,
    Nanometres,
    Nanoseconds,
    Percent,
    PerMicrosecond,
    Picoseconds,
    Seconds,
    quantity,
)
from acquisition.config.shipped import find_config, shipped_names
from acquisition.config.yaml_file import load_config, parse_config, position_in_file

__all__ = [
    "Celsius",
    "CelsiusDifference",
    "CelsiusPerMinute",
    "ConfigError",
    "ConfigModel",
    "ConfigProblem",
    "CountsPerSecond",
    "ElectronVolts",
    "Hertz",
    "Kelvin",
    "Micrometres",
    "Microseconds",
    "MilliElectronVolts",
    "Milliseconds",
    "Nanometres",
    "Nanoseconds",
    "PerMicrosecond",
    "Percent",
    "Picoseconds",
    "Seconds",
    "find_config",
    "load_config",
    "parse_config",
    "position_in_file",
    "quantity",
    "shipped_names",
]
