"""``readings.csv`` of a run: what the instruments say every few seconds, also while the run is paused."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from acquisition.rig import Rig
from acquisition.session.conditions import transmission_of
from acquisition.storage import StorageError, TableWriter
from acquisition.storage.table import TableValue
from drivers.interfaces.errors import DeviceError

SYNC_INTERVAL_S = 10.0
"""Wall time between two flushes to the disk, which may take long; a program that is killed loses nothing."""

COUNT_RATE, DISK_FREE = "count_rate_cps", "disk_free_bytes"

Show = Callable[[float, Mapping[str, TableValue]], None]
Read = Callable[[], Mapping[str, TableValue]]


class SlowReadings:
    """Writes a row of readings now and then, in the thread of the engine; nothing here raises.

    An instrument that does not answer leaves its fields empty, and is told once until it answers again.

    Parameters
    ----------
    rig : Rig
        The instruments; those that it has make the columns.
    path : Path
        The table; one that is there is continued.
    interval_s : float
        Between two rows, in s of the rig's time.
    free_bytes : callable
        Returns what is free on the disk; raises `OSError`.
    warn : callable
        Is told in words what cannot be read or written.
    show : callable
        Is given the time and the values of each row.
    """

    def __init__(
        self,
        rig: Rig,
        path: Path,
        interval_s: float,
        free_bytes: Callable[[], float],
        warn: Callable[[str], None],
        show: Show = lambda time_s, row: None,
    ) -> None:
        self._clock, self._path, self._interval_s = rig.clock, path, interval_s
        self._warn, self._show = warn, show
        self._sources: dict[str, tuple[tuple[str, ...], Read]] = dict(_sources(rig))
        self._sources["disk"] = (DISK_FREE,), lambda: {DISK_FREE: float(free_bytes())}
        self._table: TableWriter | None = None
        self._silent: set[str] = set()
        self._next_s = 0.0
        self._rates_cps: list[float] = []

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns with units, beside time_s and utc."""
        read = (column for columns, _ in self._sources.values() for column in columns)
        return (COUNT_RATE, *read)

    def begin(self) -> None:
        """Open the table and write the first row."""
        try:
            self._table = TableWriter(self._path, self.columns, sync_interval_s=SYNC_INTERVAL_S)
        except StorageError as error:
            self._tell("table", f"the slow readings are not written: {error}")
        self._write(self._clock.now())

    def sample(self, count_rate_cps: float | None = None) -> None:
        """Write a row if it is time for one; its count rate is the mean of those that came since the last."""
        if count_rate_cps is not None:
            self._rates_cps.append(count_rate_cps)
        now_s = self._clock.now()
        if now_s >= self._next_s:
            self._write(now_s)

    def end(self) -> None:
        """Write the last row and close the table."""
        self._write(self._clock.now())
        table, self._table = self._table, None
        if table is not None:
            self._try_table(table.close)

    def _write(self, now_s: float) -> None:
        rates_cps, self._rates_cps = self._rates_cps, []
        self._next_s = now_s + self._interval_s
        table = self._table
        if table is None:
            return
        row: dict[str, TableValue] = {COUNT_RATE: sum(rates_cps) / len(rates_cps) if rates_cps else None}
        for name, (_, read) in self._sources.items():
            try:
                row |= read()
                self._silent.discard(name)
            except (DeviceError, OSError) as error:
                self._tell(name, f"the slow readings go on without the {name}: {error}")
        self._show(now_s, row)
        self._try_table(lambda: table.append(now_s, row))

    def _try_table(self, act: Callable[[], None]) -> None:
        try:
            act()
            self._silent.discard("table")
        except StorageError as error:
            self._tell("table", f"a row of slow readings is missing: {error}")

    def _tell(self, name: str, text: str) -> None:
        if name not in self._silent:
            self._silent.add(name)
            self._warn(text)


def _sources(rig: Rig) -> Iterator[tuple[str, tuple[tuple[str, ...], Read]]]:
    """Yield each instrument with its columns and how they are read."""
    yield "laser", (_LASER, lambda: _laser(rig))
    if (shutter := rig.shutter) is not None:
        yield "shutter", (("shutter_open",), lambda: {"shutter_open": shutter.is_open()})
    if rig.heater is not None:
        yield "heater", (_HEATER, lambda: _heater(rig))
    if (stage := rig.stage) is not None:
        yield "stage", (_STAGE, lambda: dict(zip(_STAGE, stage.position_um(), strict=True)))
    if (focus := rig.focus) is not None:
        yield "focus", (("z_um",), lambda: {"z_um": focus.position_um()})
    if rig.attenuator is not None:
        yield "attenuator", (("transmission",), lambda: {"transmission": transmission_of(rig)})
    if (meter := rig.power_meter) is not None:
        yield "power_meter", (("laser_power_uw",), lambda: {"laser_power_uw": 1e6 * meter.power_w()})


_LASER = ("laser_repetition_rate_hz", "laser_intensity_percent", "laser_emission", "laser_interlock_closed")
_HEATER = ("temperature_c", "setpoint_c", "heating", "heater_alarm")
_STAGE = ("x_um", "y_um")


def _laser(rig: Rig) -> dict[str, TableValue]:
    status = rig.laser.status()
    interlock = None if "interlock_closed" in rig.laser.declared else status.interlock_closed
    found = (status.repetition_rate_hz, status.intensity_percent, status.emission, interlock)
    return dict(zip(_LASER, found, strict=True))


def _heater(rig: Rig) -> dict[str, TableValue]:
    if rig.heater is None:
        return {}
    status = rig.heater.status()
    alarm = None if status.alarm is None else " ".join(status.alarm.split())
    return dict(zip(_HEATER, (status.temperature_c, status.setpoint_c, status.heating, alarm), strict=True))
