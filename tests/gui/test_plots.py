"""Plots say what they show, follow the data without jitter, let people zoom, and tell values under the mouse."""

import numpy as np
import pytest
from qtpy.QtCore import QPointF
from qtpy.QtGui import QColor

from acquisition.gui.plots import Axis, Picture, Plot
from acquisition.gui.plots.axis import edges_of, number_text, power_text, round_step
from acquisition.gui.plots.colours import colour
from acquisition.gui.plots.limits import PATIENCE, CalmRange
from acquisition.gui.theme.themes import THEMES

TIME, COUNTS = Axis("time", "s"), Axis("counts per 10 ms")


@pytest.fixture
def plot(desk, qtbot):
    plot = Plot(desk, TIME, COUNTS, "Count trace", legend=True)
    qtbot.addWidget(plot)
    plot.resize(500, 300)
    return plot


@pytest.fixture
def picture(desk, qtbot):
    picture = Picture(desk, Axis("delay", "ns"), Axis("pixel"), Axis("counts"), "Map")
    qtbot.addWidget(picture)
    picture.resize(500, 300)
    return picture


def shown(canvas):
    """What both axes show."""
    return [tuple(limits) for limits in canvas.box.viewRange()]


def zoom(canvas):
    """What a turn of the wheel does."""
    canvas.box.scaleBy((0.5, 0.5))
    canvas.box.sigRangeChangedManually.emit([True, True])


def test_axes_are_labelled_as_in_the_report(plot):
    assert (plot.bottom.labelText, plot.left.labelText) == ("time (s)", "counts per 10 ms")
    plot.set_axes(Axis("delay", "ns"), COUNTS)
    assert plot.bottom.labelText == "delay (ns)"


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [(0.25, 2, "0.25"), (-0.0, 0, "0"), (9999, 0, "9999"), (12500, 0, "12\u2009500"), (2.5e7, 0, "2.5×10⁷")],
)
def test_numbers_have_no_prefixes_that_nobody_asked_for(value, places, text):
    assert number_text(value, places) == text


@pytest.mark.parametrize(("exponent", "text"), [(-2, "0.01"), (0, "1"), (3, "1000"), (5, "10⁵"), (2.3, "")])
def test_a_logarithmic_axis_names_powers_of_ten(exponent, text):
    assert power_text(exponent) == text


@pytest.mark.parametrize(("least", "step"), [(0.9, 1.0), (1.1, 2.0), (3.0, 5.0), (7.0, 10.0), (0.02, 0.02)])
def test_ticks_stand_at_round_steps(least, step):
    assert round_step(least) == pytest.approx(step)


def test_numbers_of_a_low_plot_do_not_overlap(plot):
    text = plot.left.style["tickFont"].pointSizeF() / 72 * plot.logicalDpiY()
    for height in (20, 45, 90, 300):
        step = plot.left.tickSpacing(0.0, 1.0, height)[0][0]
        assert step * height > text or step >= 1.0


def test_edges_lie_between_centres():
    np.testing.assert_allclose(edges_of(np.array([1.0, 2.0, 4.0])), [0.5, 1.5, 3.0, 5.0])


def test_colours_change_with_the_theme_and_unknown_ones_are_refused():
    assert colour(THEMES["dark"], "states.X") != colour(THEMES["light"], "states.X")
    assert colour(THEMES["red"], "accent", 0.5).alphaF() == pytest.approx(0.5, abs=0.01)
    for name in ("nothing", "states.Y", "states", "heat", "name"):
        with pytest.raises(ValueError, match="is no colour"):
            colour(THEMES["dark"], name)


def test_limits_grow_at_once_with_room_to_spare():
    calm = CalmRange()
    assert calm.fit(0, 100, floor=0)[0] == 0
    low, high = calm.fit(0, 130, floor=0)
    assert low == 0
    assert high > 150
    assert calm.fit(0, high - 1, floor=0) == (low, high)


def test_limits_shrink_only_after_a_while():
    calm = CalmRange()
    first = calm.fit(0, 100)
    for _ in range(PATIENCE - 1):
        assert calm.fit(0, 10) == first
    low, high = calm.fit(0, 10)
    assert high - low < 15


def test_limits_stand_still_while_data_flicker():
    calm, rng = CalmRange(), np.random.default_rng(1)
    shown = {calm.fit(0, 100 + rng.normal(0, 3), floor=0) for _ in range(1000)}
    assert len(shown) <= 3


def test_limits_of_a_single_value_have_an_extent():
    low, high = CalmRange().fit(5, 5)
    assert low < 5 < high


def test_axes_follow_the_data_until_somebody_zooms_and_again_when_asked(plot):
    line = plot.line("counts", "accent")
    line.set(np.arange(10.0), np.arange(10.0))
    plot.refit()
    assert shown(plot)[0] == (0, 9)
    zoom(plot)
    zoomed = shown(plot)
    line.set(np.arange(20.0), np.arange(20.0))
    plot.refit()
    assert shown(plot) == zoomed
    assert not plot.following
    assert not plot.follow_button.isHidden()
    plot.follow_button.click()
    assert shown(plot)[0] == (0, 19)
    assert plot.follow_button.isHidden()


def test_data_without_a_finite_value_leave_the_axes_alone(plot):
    line = plot.line("counts", "accent")
    before = shown(plot)
    line.set(np.arange(3.0), np.full(3, np.nan))
    plot.refit()
    assert shown(plot) == before


def test_a_line_is_open_where_values_are_missing(plot):
    line = plot.line("counts", "accent")
    line.set(np.arange(5.0), np.array([1, 2, np.nan, 4, 5.0]))
    np.testing.assert_array_equal(line.item.xData, [0, 1, 3, 4])
    np.testing.assert_array_equal(line.item.opts["connect"], [1, 0, 1, 0])


def test_on_a_logarithmic_axis_empty_bins_lie_below_the_rest(plot):
    steps = plot.steps("counts", "accent")
    steps.set(np.arange(4.0), np.array([100, 0, 10.0]))
    plot.set_log_y(True)
    np.testing.assert_allclose(steps.item.yData[::2], np.log10([100, 5, 10]))
    low, high = shown(plot)[1]
    assert low < np.log10(5) < 2 < high


def test_error_bars_have_their_ends_one_standard_error_away(plot):
    errors = plot.errors("fit", "accent")
    errors.set(np.array([1.0, 2, 3]), np.array([10.0, 20, np.nan]), np.array([1.0, 2, 3]))
    np.testing.assert_array_equal(errors.item.xData, [1, 1, 2, 2])
    np.testing.assert_array_equal(errors.item.yData, [9, 11, 18, 22])


def test_a_histogram_sideways_has_its_counts_along_the_horizontal_axis(plot):
    bars = plot.steps("bins", "accent", sideways=True, filled=True)
    bars.set(np.array([10.0, 20, 30]), np.array([3.0, 7]))
    assert bars.limits() == ((0, 7), (10, 30))
    assert bars.item.xData.max() == 7
    assert plot.table()[1] == ["15", "3"]


def test_marks_and_spans_are_hidden_until_they_are_set_and_the_axes_do_not_follow_them(plot):
    plot.line("counts", "accent").set(np.array([0.0, 1]), np.array([0.0, 1]))
    mark, span = plot.mark("background", "faint", level=True), plot.span("region", "accent")
    assert not mark.item.isVisible()
    mark.set(1000.0)
    span.set(50.0, 60.0)
    plot.refit()
    assert mark.item.isVisible()
    assert span.item.isVisible()
    assert shown(plot)[0] == (0, 1)
    plot.clear_all()
    assert not mark.item.isVisible()
    assert not span.item.isVisible()


def test_values_under_the_mouse_are_told_with_units(plot, qtbot):
    plot.line("neutral", "charges.neutral").set(np.arange(10.0), 3 * np.arange(10.0))
    plot.refit()
    assert plot.read_out(4.2, 0.0) == "time 4.2 s · neutral 12"
    assert plot.read_out(40.0, 7.0) == "time 40 s · counts per 10 ms 7"
    plot.show()
    qtbot.waitExposed(plot)
    middle = plot.box.sceneBoundingRect().center()
    plot._point_at(QPointF(plot.mapFromScene(middle)))
    assert plot._readout.text().startswith("time 4.")
    plot._point_at(QPointF(0, 0))
    assert plot._readout.isHidden()


def test_words_say_why_a_plot_is_empty_and_leave_out_numbers_that_mean_nothing(plot):
    plot.say("Waits for photons.")
    assert not plot._words.isHidden()
    assert not plot.left.style["showValues"]
    plot.say("")
    assert plot._words.isHidden()
    assert plot.left.style["showValues"]


def test_the_legend_names_what_is_drawn(plot):
    plot.line("whole point", "accent")
    plot.span("region", "accent")
    assert [label.text for _, label in plot._legend.items] == ["whole point"]


@pytest.mark.parametrize("data", ["right", "everywhere"])
def test_a_free_legend_hides_no_data(desk, qtbot, data):
    plot = Plot(desk, Axis("energy", "eV"), Axis("light"), "Spectra", from_zero=False, free_legend=True)
    qtbot.addWidget(plot)
    plot.resize(500, 300)
    plot.show()
    x = np.linspace(0, 1, 400)
    for number in range(3):
        light = np.exp(-(((x - 0.8) / 0.1) ** 2)) if data == "right" else np.abs(np.sin(40 * x))
        plot.points(f"a run with a long name {number}", "accent").set(x, light)
    plot.refit()
    legend = plot._legend.mapRectToItem(plot.box, plot._legend.boundingRect())
    view = plot.box.mapToView(legend.bottomLeft()), plot.box.mapToView(legend.topRight())
    below = (x > view[0].x()) & (x < view[1].x()) & (light > view[0].y()) & (light < view[1].y())
    assert legend.width() > 50
    assert not below.any()


def test_a_plot_takes_the_colours_of_another_theme(plot, desk):
    line = plot.line("counts", "accent")
    desk.theme = THEMES["red"]
    plot.restyle()
    assert line.item.opts["pen"].color() == QColor(THEMES["red"].accent)
    assert plot.backgroundBrush().color() == QColor(THEMES["red"].panel)


def test_a_picture_lies_where_its_edges_say(picture):
    picture.set(np.array([0.0, 5, 10]), np.array([100.0, 101, 102, 103]), np.arange(6).reshape(3, 2))
    picture.refit()
    assert shown(picture) == [(0, 10), (100, 103)]
    assert picture._image.image.shape == (3, 2)
    assert picture.read_out(7.0, 102.5) == "delay 7 ns · pixel 102.5 · counts 5"
    assert picture.read_out(70.0, 102.5) == ""


def test_rows_of_falling_and_uneven_edges_are_drawn_and_read_where_they_belong(picture):
    values = np.array([[1.0], [2], [9]])
    picture.set(np.array([0.0, 1]), np.array([4.0, 2, 1, 0]), values)
    np.testing.assert_array_equal(picture._image.image[:, 0] > 200, [True, False, False])
    assert picture.read_out(0.5, 0.5).endswith("counts 9")
    assert picture.read_out(0.5, 3.0).endswith("counts 1")


@pytest.mark.parametrize("scale", ["linear", "square root", "logarithmic"])
def test_the_colour_bar_means_what_the_picture_shows(picture, scale):
    values = np.array([[1.0, 10, 100, 1000]])
    picture.set_scale(scale)
    picture.set(np.arange(5.0), np.arange(2.0), values)
    shades = picture._image.image[0].astype(int)
    assert (np.diff(shades) >= 0).all()
    ticks = {text.replace("\u2009", ""): height for height, text in picture.right.ticks.items()}
    assert ticks["1000"] * 255 == pytest.approx(shades[3], abs=1)


def test_a_picture_without_counts_is_drawn(picture):
    picture.set(np.arange(3.0), np.arange(3.0), np.zeros((2, 2)))
    picture.refit()
    assert picture._image.image.max() == 1  # the lowest colour; 0 is left open
    picture.clear()
    assert picture.read_out(1.0, 1.0) == ""


def words_of(canvas):
    """Where the remark and the name of the lower axis stand."""
    remark, name = canvas._corner.item, canvas.bottom.label
    return remark.sceneBoundingRect(), name.mapRectToScene(name.boundingRect())


@pytest.mark.parametrize("width", [160, 200, 240, 280, 330, 400, 700])
@pytest.mark.parametrize("kind", ["plot", "picture"])
def test_the_remark_that_data_are_simulated_never_lies_over_the_name_of_the_axis(request, qtbot, kind, width):
    canvas = request.getfixturevalue(kind)
    canvas.set_axes(Axis("distance of the laser pulses", "ns"), COUNTS)
    canvas.resize(width, 200)
    canvas.show()
    canvas.simulated = True
    qtbot.wait(1)
    for on_paper in (False, True):
        canvas.on_paper = on_paper
        canvas.paint_in(THEMES["light"])
        canvas.layout_.layout.activate()
        remark, name = words_of(canvas)
        shown = canvas._corner.item.isVisible()
        assert shown or not on_paper
        assert not (shown and canvas.bottom.label.isVisible() and remark.intersects(name))
        assert remark.right() <= canvas.width()
    assert canvas._corner.item.isVisible()


def test_the_remark_is_shown_beside_the_name_where_both_have_room(plot, qtbot):
    plot.resize(420, 200)
    plot.show()
    plot.simulated = True
    qtbot.wait(1)
    remark, name = words_of(plot)
    assert plot._corner.item.isVisible()
    assert name.right() <= remark.left()
    plot.simulated = False
    assert not plot._corner.item.isVisible()


def test_what_is_not_known_of_a_picture_is_left_open(desk, qtbot):
    picture = Picture(desk, Axis("x"), Axis("y"), Axis("counts"), "map")
    qtbot.addWidget(picture)
    picture.set(np.arange(3), np.arange(2), np.array([[np.nan, 5.0]]))
    assert picture._image.image[0, 0] == 0
    assert picture._image.image[0, 1] > 200
    assert picture._image.lut[0, 3] == 0
    assert picture._image.lut[1:, 3].min() == 255
