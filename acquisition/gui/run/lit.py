"""Lighting the button that comes next."""

from qtpy.QtWidgets import QPushButton

from acquisition.gui.theme.themes import Theme


def light(button: QPushButton, theme: Theme, *, on: bool) -> None:
    """Fill a button with the colour of what is active, or not; only one that can be pressed is lit."""
    sheet = ""
    if on and button.isEnabled():
        ink = theme.panel
        sheet = f"QPushButton {{ background: {theme.accent}; color: {ink}; font-weight: bold; }}"
        sheet += f"QPushButton:focus {{ border: 2px solid {theme.text}; }}"
    if button.styleSheet() != sheet:
        button.setStyleSheet(sheet)
