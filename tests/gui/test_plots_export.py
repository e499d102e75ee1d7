"""What is drawn can be saved as PNG, SVG and CSV, and copied; a file that cannot be written is told."""

import csv

import numpy as np
import pytest
from qtpy.QtGui import QColor, QGuiApplication, QImage
from qtpy.QtSvg import QSvgRenderer
from qtpy.QtWidgets import QFileDialog, QMessageBox

from acquisition.gui.plots import Axis, Picture, Plot
from acquisition.gui.plots.export import FIGURE, PAPER, SCALE, copy_picture, save_csv, save_png, save_svg
from acquisition.gui.plots.menu import ask_where, build_menu, save_or_tell


@pytest.fixture
def plot(desk, qtbot):
    plot = Plot(desk, Axis("time", "s"), Axis("counts per 10 ms"), "Count trace", legend=True)
    qtbot.addWidget(plot)
    plot.resize(400, 300)
    plot.line("neutral", "charges.neutral").set(np.array([0.0, 0.5, 1.0]), np.array([10.0, np.nan, 12.0]))
    plot.errors("fit", "text").set(np.array([0.25]), np.array([11.0]), np.array([0.5]))
    plot.mark("background", "faint", level=True).set(3.0)
    plot.refit()
    plot.simulated, plot.about = True, "a_run, point 1"
    return plot


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_table_has_all_curves_with_units_and_says_that_data_are_simulated(plot, tmp_path):
    save_csv(plot, tmp_path / "trace.csv")
    assert rows_of(tmp_path / "trace.csv") == [
        ["# Count trace"],
        ["# a_run", " point 1"],
        ["# simulated data"],
        [
            "neutral: time (s)", "neutral: counts per 10 ms",
            "fit: time (s)", "fit: counts per 10 ms", "fit: counts per 10 ms, standard error",
        ],
        ["0", "10", "0.25", "11", "0.5"],
        ["0.5", "", "", "", ""],
        ["1", "12", "", "", ""],
    ]  # fmt: skip


def test_a_picture_becomes_a_matrix_with_its_axes(desk, qtbot, tmp_path):
    picture = Picture(desk, Axis("delay", "ns"), Axis("pixel"), Axis("counts"), "Map")
    qtbot.addWidget(picture)
    picture.set(np.array([0.0, 2, 4]), np.array([9.5, 10.5, 11.5]), np.array([[1, 2], [3, 4]]))
    save_csv(picture, tmp_path / "map.csv")
    assert rows_of(tmp_path / "map.csv")[1:] == [
        ["counts; rows: pixel; columns: delay (ns)", "1", "3"], ["10", "1", "2"], ["11", "3", "4"],
    ]  # fmt: skip


def test_a_png_file_is_large_and_has_the_colours_of_paper(plot, tmp_path):
    save_png(plot, tmp_path / "trace.png")
    image = QImage(str(tmp_path / "trace.png"))
    assert image.size() == FIGURE * SCALE
    assert image.pixelColor(3, 3) == QColor(PAPER.panel)


def test_an_svg_file_is_made_of_lines_and_text(plot, tmp_path):
    save_svg(plot, tmp_path / "trace.svg")
    text = (tmp_path / "trace.svg").read_text(encoding="utf-8")
    assert QSvgRenderer(str(tmp_path / "trace.svg")).isValid()
    assert "simulated data" in text
    assert "time (s)" in text
    assert "<image" not in text


def test_a_squat_plot_has_room_for_its_names_in_the_file_and_its_size_back_after_it(plot, tmp_path):
    plot.resize(400, 90)
    save_svg(plot, tmp_path / "trace.svg")
    assert "counts per 10 ms" in (tmp_path / "trace.svg").read_text(encoding="utf-8")
    assert (plot.width(), plot.height()) == (400, 90)


def test_what_lies_outside_of_the_axes_is_not_in_the_file(plot, tmp_path):
    """The level of the background is far below what the axis shows."""
    plot.show_y(10.0, 12.0)
    plot.refit()
    save_png(plot, tmp_path / "without.png")
    plot.mark("level", "bad", level=True).set(9.9)
    save_png(plot, tmp_path / "with.png")
    assert QImage(str(tmp_path / "without.png")) == QImage(str(tmp_path / "with.png"))


def test_the_theme_of_the_window_is_back_after_an_export(plot, desk, tmp_path):
    save_png(plot, tmp_path / "trace.png")
    assert plot.backgroundBrush().color() == QColor(desk.theme.panel)
    assert not plot.on_paper


def test_names_that_are_left_out_on_the_screen_stand_in_the_file(plot, tmp_path):
    plot.leave_out(x=True, x_values=True)
    assert not plot.bottom.label.isVisible()
    save_svg(plot, tmp_path / "trace.svg")
    assert "time (s)" in (tmp_path / "trace.svg").read_text(encoding="utf-8")
    assert not plot.bottom.label.isVisible()


def test_a_picture_is_copied(plot):
    copy_picture(plot)
    assert QGuiApplication.clipboard().image().size() == FIGURE * SCALE


def test_the_menu_offers_export_scale_and_range(plot):
    menu = build_menu(plot)
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == ["Save as PNG…", "Save as SVG…", "Save as CSV…", "Copy picture", "Log y", "Auto range"]
    next(action for action in menu.actions() if action.text() == "Log y").trigger()
    assert plot.log_y
    plot.box.sigRangeChangedManually.emit([True, True])
    next(action for action in menu.actions() if action.text() == "Auto range").trigger()
    assert plot.following


def test_the_right_button_shows_the_menu_and_nothing_of_pyqtgraph(plot, monkeypatch):
    raised = []
    monkeypatch.setattr("acquisition.gui.plots.canvas.show_menu", lambda canvas, place: raised.append(canvas))
    plot.box._raise_menu(None)
    assert raised == [plot]
    assert plot.box.menu is None


def test_the_menu_of_a_picture_chooses_how_counts_become_colours(desk, qtbot):
    picture = Picture(desk, Axis("delay", "ns"), Axis("pixel"), Axis("counts"), "Map")
    qtbot.addWidget(picture)
    colours = next(action.menu() for action in build_menu(picture).actions() if action.text() == "Colours")
    next(action for action in colours.actions() if action.text() == "logarithmic").trigger()
    assert picture.scale == "logarithmic"


def test_asking_for_a_file_does_not_hold_up_the_window_and_remembers_the_folder(plot, desk, tmp_path):
    desk.settings.setValue("plots/folder", str(tmp_path))
    dialog = ask_where(plot, "CSV", save_csv)
    assert dialog.isVisible()
    assert dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    (tmp_path / "elsewhere").mkdir()
    dialog.fileSelected.emit(str(tmp_path / "elsewhere" / "trace.csv"))
    dialog.reject()
    assert rows_of(tmp_path / "elsewhere" / "trace.csv")[0] == ["# Count trace"]
    assert desk.settings.value("plots/folder") == str(tmp_path / "elsewhere")


@pytest.mark.parametrize("save", [save_csv, save_png, save_svg])
def test_a_file_that_cannot_be_written_is_told_in_words(plot, tmp_path, save):
    assert not save_or_tell(plot, tmp_path / "no such folder" / "x", save)
    [box] = plot.findChildren(QMessageBox)
    assert "could not be written" in box.text()
    assert "Choose another folder" in box.text()
    box.close()
