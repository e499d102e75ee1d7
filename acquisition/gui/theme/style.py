"""A theme on the screen: palette, style sheet and font of the whole program."""

from qtpy.QtCore import QSettings
from qtpy.QtGui import QColor, QFont, QPalette
from qtpy.QtWidgets import QApplication, QToolTip

from acquisition.gui.theme.themes import Theme

SIZES = (8.0, 9.0, 10.0, 11.0, 12.0, 14.0, 16.0, 18.0, 21.0, 24.0)
"""Sizes of the font to choose from, in points."""

DEFAULT_SIZE = 10.0

SMALLEST, LARGEST = 6.0, 40.0
"""What a size that was written into the settings may be, in points."""

_SHEET = """
QToolTip {{ color: {text}; background: {panel}; border: 1px solid {accent}; padding: 3px; }}
QMenuBar {{ background: {window}; color: {text}; }}
QMenuBar::item {{ background: transparent; padding: 3px 9px; }}
QMenuBar::item:selected, QMenuBar::item:pressed {{ background: {line}; color: {on_line}; }}
QMenu {{ background: {panel}; color: {text}; border: 1px solid {line}; }}
QMenu::item {{ padding: 4px 26px 4px 22px; }}
QMenu::item:selected {{ background: {accent}; color: {on_accent}; }}
QMenu::item:disabled {{ color: {faint}; background: transparent; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 3px 6px; }}
QPushButton {{
    color: {text}; background: {button}; border: 1px solid {line}; border-radius: 3px; padding: 3px 10px;
}}
QPushButton:hover {{ border-color: {text}; }}
QPushButton:focus {{ border: 2px solid {accent}; padding: 2px 9px; }}
QPushButton:pressed, QPushButton:checked {{ background: {line}; color: {on_line}; }}
QPushButton:disabled {{ color: {faint}; background: {window}; border: 1px dashed {line}; }}
QPushButton:default:enabled {{ border: 2px solid {accent}; padding: 2px 9px; }}
QToolButton {{ color: {text}; background: transparent; border: 1px solid transparent; border-radius: 3px;
    padding: 2px 4px; }}
QToolButton:hover {{ border-color: {line}; }}
QToolButton:focus {{ border: 1px solid {accent}; }}
QToolButton:pressed, QToolButton:checked {{ background: {line}; color: {on_line}; }}
QToolButton:disabled {{ color: {faint}; }}
QLineEdit, QPlainTextEdit, QTextEdit, QTextBrowser {{
    color: {text}; background: {panel}; border: 1px solid {line}; border-radius: 2px; padding: 1px 3px;
    selection-background-color: {accent}; selection-color: {on_accent};
}}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QTextBrowser:focus {{ border: 1px solid {accent}; }}
QLineEdit:disabled, QLineEdit:read-only {{ color: {faint}; background: {window}; }}
QLineEdit[problem="true"] {{ border: 1px solid {bad}; }}
QLabel[problem="true"] {{ color: {bad}; }}
QCheckBox::indicator, QRadioButton::indicator, QAbstractItemView::indicator, QGroupBox::indicator {{
    width: 0.85em; height: 0.85em; border: 1px solid {faint}; border-radius: 2px; background: {panel};
}}
QRadioButton::indicator {{ border-radius: 0.45em; }}
QCheckBox::indicator:checked, QRadioButton::indicator:checked, QAbstractItemView::indicator:checked,
QGroupBox::indicator:checked {{ background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5,
    stop: 0 {accent}, stop: 0.62 {accent}, stop: 0.7 {panel}, stop: 1 {panel}); }}
QCheckBox::indicator:focus, QRadioButton::indicator:focus {{ border: 2px solid {accent}; }}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled, QAbstractItemView::indicator:disabled {{
    border: 1px dashed {line}; }}
QCheckBox:focus, QRadioButton:focus {{ color: {accent}; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {line}; }}
QTabBar {{ qproperty-drawBase: 0; }}
QTabBar::tab {{
    color: {faint}; background: {window}; border: 1px solid {line}; border-bottom: none; padding: 3px 10px;
    margin-right: 1px;
}}
QTabBar::tab:selected {{ color: {text}; background: {panel}; border-top: 2px solid {accent}; }}
QTabBar::tab:focus {{ color: {accent}; }}
QTabBar::tab:disabled {{ color: {line}; }}
QHeaderView::section {{ color: {text}; background: {button}; border: none; border-right: 1px solid {line};
    border-bottom: 1px solid {line}; padding: 2px 5px; }}
QTableCornerButton::section {{ background: {button}; border: none; }}
QProgressBar {{ color: {text}; background: {panel}; border: 1px solid {line}; border-radius: 2px; text-align: center; }}
QProgressBar::chunk {{ background: {line}; }}
QMainWindow::separator {{ background: {line}; width: 3px; height: 3px; }}
QMainWindow::separator:hover {{ background: {accent}; }}
QSplitter::handle {{ background: {line}; }}
QScrollArea {{ border: none; }}
QScrollBar:vertical {{ background: {window}; width: 11px; margin: 0; }}
QScrollBar:horizontal {{ background: {window}; height: 11px; margin: 0; }}
QScrollBar::handle {{ background: {line}; border-radius: 3px; min-height: 24px; min-width: 24px; }}
QScrollBar::handle:hover {{ background: {faint}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QGroupBox {{ border: 1px solid {line}; border-radius: 3px; margin-top: 0.6em; padding-top: 0.3em; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QGroupBox::title {{ subcontrol-origin: margin; left: 8px; padding: 0 3px; color: {text}; }}
"""


def font_size(settings: QSettings) -> float:
    """Return the size of the font that is remembered, in points; the usual one if what stands there is none."""
    try:
        size = float(str(settings.value("font_size", DEFAULT_SIZE)))
    except ValueError:
        return DEFAULT_SIZE
    return size if SMALLEST <= size <= LARGEST else DEFAULT_SIZE


def dress(theme: Theme, size: float) -> None:
    """Give all windows of the program the colours of a theme and a size of the font, in points."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise RuntimeError("there is no QApplication to dress")
    if app.style().name().casefold() != "fusion":
        app.setStyle("Fusion")  # the one style that looks the same, and takes all its colours from us, everywhere
    app.setPalette(palette(theme))
    QToolTip.setPalette(palette(theme))
    font = QFont(app.font())
    font.setPointSizeF(size)
    app.setFont(font)
    app.setStyleSheet(style_sheet(theme))


def style_sheet(theme: Theme) -> str:
    """Return what the palette cannot say: shapes, and what has the focus."""
    return _SHEET.format(
        window=theme.window,
        panel=theme.panel,
        text=theme.text,
        faint=theme.faint,
        line=theme.line,
        bad=theme.bad,
        accent=theme.accent,
        button=button_colour(theme),
        on_accent=theme.panel,
        on_line=readable_on(theme, theme.line),
    )


def palette(theme: Theme) -> QPalette:
    """Return the colours of a theme by their roles; nothing is left to the system."""
    roles = QPalette.ColorRole
    colours = {
        roles.Window: theme.window,
        roles.WindowText: theme.text,
        roles.Base: theme.panel,
        roles.AlternateBase: theme.window,
        roles.Text: theme.text,
        roles.PlaceholderText: theme.faint,
        roles.Button: button_colour(theme),
        roles.ButtonText: theme.text,
        roles.BrightText: theme.bad,
        roles.ToolTipBase: theme.panel,
        roles.ToolTipText: theme.text,
        roles.Light: theme.line,
        roles.Midlight: theme.line,
        roles.Mid: theme.line,
        roles.Dark: theme.line,
        roles.Shadow: theme.panel,
        roles.Highlight: theme.accent,
        roles.HighlightedText: theme.panel,
        roles.Link: theme.accent,
        roles.LinkVisited: theme.faint,
    }
    if hasattr(roles, "Accent"):
        colours[roles.Accent] = theme.accent
    found = QPalette()
    for role, colour in colours.items():
        found.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText, roles.HighlightedText):
        found.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.faint))
    found.setColor(QPalette.ColorGroup.Disabled, roles.Highlight, QColor(theme.line))
    return found


def button_colour(theme: Theme) -> str:
    """Return the ground of what can be pressed: between that of the window and that of lines."""
    share = 0.25
    pairs = zip(_parts(theme.window), _parts(theme.line), strict=True)
    return QColor(*(round((1 - share) * ground + share * line) for ground, line in pairs)).name()


def readable_on(theme: Theme, ground: str) -> str:
    """Return the colour of text of a theme that is read best on a ground, both as ``#rrggbb``."""
    return max((theme.text, theme.panel, theme.window), key=lambda colour: contrast(colour, ground))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 (none) to 21 (WCAG 2.2, relative luminance)."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _parts(colour: str) -> tuple[int, int, int]:
    found = QColor(colour)
    return found.red(), found.green(), found.blue()


def _luminance(colour: str) -> float:
    shares = [value / 255 for value in _parts(colour)]
    linear: list[float] = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
