"""Labels in the colours of the theme that take new ones only when something has changed."""

from qtpy.QtGui import QColor, QFont, QPalette
from qtpy.QtWidgets import QLabel, QWidget

from acquisition.gui.instruments.words import Level, Sign
from acquisition.gui.theme.themes import Theme


def colour(widget: QWidget, theme: Theme, level: Level) -> None:
    """Give the text of a widget the colour that says how much attention it needs."""
    palette = widget.palette()
    palette.setColor(QPalette.ColorRole.WindowText, QColor(getattr(theme, level.value)))
    widget.setPalette(palette)


def embolden(widget: QWidget) -> None:
    """Make the text of a widget bold; its size stays that of the program."""
    font = QFont()
    font.setBold(True)
    widget.setFont(font)


class SignLabel(QLabel):
    """A text that wraps, in the colour of its level.

    Parameters
    ----------
    theme : Theme
        Whose colours it begins with.
    bold : bool
        Whether it stands out.
    """

    def __init__(self, theme: Theme, *, bold: bool = False) -> None:
        super().__init__()
        self._theme = theme
        self.sign = Sign("")
        self.setWordWrap(True)
        self.setMinimumWidth(40)
        if bold:
            embolden(self)
        self.hide()

    def say(self, sign: Sign) -> None:
        """Show a text; hidden as long as it is empty."""
        if sign == self.sign:
            return
        if sign.level != self.sign.level or not self.sign.text:
            colour(self, self._theme, sign.level)
        self.sign = sign
        self.setText(sign.text)
        self.setVisible(bool(sign.text))

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme
        colour(self, theme, self.sign.level)
