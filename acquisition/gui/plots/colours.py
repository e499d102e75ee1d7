"""Colours by their names in a theme, so that what is drawn changes with the theme."""

from qtpy.QtGui import QColor

from acquisition.gui.theme.themes import Theme


def colour(theme: Theme, name: str, opacity: float = 1.0) -> QColor:
    """Return a colour of a theme.

    Parameters
    ----------
    theme : Theme
    name : str
        Of one of its fields, e.g. ``accent``; of one of its mappings with a point, e.g. ``states.X``.
    opacity : float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If there is no colour of that name.
    """
    group, _, member = name.partition(".")
    found = getattr(theme, group, None)
    code = found.get(member) if member and isinstance(found, type(theme.states)) else found
    if not isinstance(code, str) or not code.startswith("#"):
        raise ValueError(f"{name!r} is no colour of the theme {theme.name}")
    shade = QColor(code)
    shade.setAlphaF(opacity)
    return shade
