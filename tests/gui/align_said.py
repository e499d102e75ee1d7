"""What a session says in an alignment: made-up numbers of the right shapes; and how a page is told."""

import numpy as np

from acquisition.gui.client.feed import Said
from acquisition.session.idle import IDLE

ALIGNING = {**IDLE, "mode": "alignment", "state": "running", "run": "/runs/7", "simulated": True}


def laser(*, emission):
    return {"role": "laser", "emission": emission, "settings": {}, "readings": {}}


def shutter(*, is_open):
    return {"role": "shutter", "settings": {}, "readings": {"open": is_open}}


STAGE = {"role": "stage", "settings": {}, "readings": {"x_um": 1.0, "y_um": -2.0}}
FOCUS = {"role": "focus", "settings": {}, "readings": {"z_um": 0.5}}
DEVICES = (laser(emission=False), shutter(is_open=False), STAGE, FOCUS)


def panel(**changes):
    return {
        "rate_cps": 50_000.0, "rate_error_cps": 700.0, "history_time_s": np.arange(10.0),
        "rate_history_cps": np.full(10, changes.get("rate_cps") or 50_000.0),
        "spectrum_counts": np.full(320, 150), "background_cps": None,
        "wavelength_nm": np.linspace(450.0, 1036.0, 320), "dose": {"light_on_s": 10.0, "pulses": 1e7},
        "bleaching": None, "drift": {}, **changes,
    }  # fmt: skip


def show(page, shown=None, status=ALIGNING, devices=DEVICES):
    page.show_said(Said(status=status, devices=devices, panels={"alignment": shown}))


def steps_of(session):
    return [asked["step"] for asked in session.asked("do_step")]
