"""What a display shows of a run while it goes on: panels that register themselves, computed from copies."""

from acquisition.live_view import alignment, photon_panels, run_panels, state_panels, trace_panels
from acquisition.live_view.display import LiveDisplay
from acquisition.live_view.panel import PANELS, Kind, Panel, Scene, panel

PANEL_MODULES = (trace_panels, photon_panels, run_panels, state_panels, alignment)
"""Imported, so that their panels are registered."""

__all__ = ["PANELS", "PANEL_MODULES", "Kind", "LiveDisplay", "Panel", "Scene", "panel"]
