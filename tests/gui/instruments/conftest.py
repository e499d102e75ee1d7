"""The view of the instruments, with what a simulated rig says of them."""

import copy

import pytest

from acquisition.gui.client.feed import Said
from acquisition.gui.instruments.view import InstrumentsView
from acquisition.rig import open_rig
from acquisition.session.device_list import described
from acquisition.session.idle import IDLE


@pytest.fixture(scope="module")
def descriptions():
    with open_rig("simulated", seed=3) as rig:
        return described(rig.devices)


@pytest.fixture
def devices(descriptions):
    return copy.deepcopy(descriptions)


@pytest.fixture
def view(desk, qtbot):
    view = InstrumentsView(desk)
    qtbot.addWidget(view)
    view.resize(340, 900)
    view.show()
    return view


@pytest.fixture
def look(view, devices):
    """Show the view a new look at the instruments, after a change of one of them by the function given."""

    def show(status=IDLE, change=None, **more):
        fresh = copy.deepcopy(devices)
        if change is not None:
            change({device["role"]: device for device in fresh})
        devices[:] = fresh
        view.show_said(Said(status=dict(status), devices=tuple(fresh), **more))

    return show
