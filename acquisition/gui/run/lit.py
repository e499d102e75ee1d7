"""Buttons that can be pressed or not, and the one that comes next."""

from qtpy.QtWidgets import QPushButton, QWidget

from acquisition.gui.theme.themes import Theme


def allow(button: QWidget, tip: str, *, allowed: bool) -> None:
    """Enable a button or grey it, with a tooltip; one that goes grey hands its focus to no other.

    Qt would hand it to the next button, which a second press of the space bar then sets off.
    """
    if not allowed and button.hasFocus():
        button.clearFocus()
    button.setEnabled(allowed)
    button.setToolTip(tip)


def light(button: QPushButton, theme: Theme, *, on: bool) -> None:
    """Fill a button with the colour of what is active, or not; only one that can be pressed is lit."""
    sheet = ""
    if on and button.isEnabled():
        sheet = f"QPushButton {{ background: {theme.accent}; color: {theme.panel}; font-weight: bold; }}"
        sheet += f"QPushButton:focus {{ border: 2px solid {theme.text}; }}"
    if button.styleSheet() != sheet:
        button.setStyleSheet(sheet)
