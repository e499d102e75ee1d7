"""The page of the sequence: what a person clicks changes the sequence that is started, and can be undone."""

from types import SimpleNamespace

import pytest
from qtpy.QtCore import QModelIndex, Qt
from qtpy.QtWidgets import QApplication

from acquisition.config import find_config
from acquisition.gui.client.feed import Said
from acquisition.gui.registry import VIEWS
from acquisition.gui.sequence_editor.document import document_of
from acquisition.gui.sequence_editor.editor import SequencePage
from acquisition.gui.theme.themes import THEMES
from tests.gui.asked import choose, press


@pytest.fixture
def page(desk, qtbot, settle):
    """The page with the shipped sequence `cascade`."""
    found = SequencePage(desk)
    qtbot.addWidget(found)
    found.resize(1000, 520)
    found.show()
    settle()
    return found


def kinds(page):
    return [step["kind"] for step in page.document.content["steps"]]


def wait_for(qtbot, check):
    qtbot.waitUntil(check, timeout=10_000)


def test_it_is_a_page_of_the_window():
    assert VIEWS["sequence"] is SequencePage


def test_the_window_has_one_sequence_and_begins_with_the_cascade(desk, page):
    assert document_of(desk) is page.document
    assert page.document.source == "cascade"
    assert not page.document.dirty
    assert page.busy_because() == ""


def test_a_step_is_added_below_the_chosen_one_and_chosen(page):
    page.tree.choose(("steps", 0))
    page.actions_of_steps.add("soak")
    assert kinds(page) == ["set_laser", "soak", "set_shutter", "acquire_photons"]
    assert page.tree.present() == ("steps", 1)
    assert page.step_form.form.data() == {"kind": "soak", "duration": "1 min"}


def test_the_menu_adds_every_kind(page):
    titles = [action.text() for menu in page.add_menu.actions() for action in menu.menu().actions()]
    assert {"Acquire photons", "Repeat until", "If"} <= set(titles)
    [soak] = [act for menu in page.add_menu.actions() for act in menu.menu().actions() if act.text() == "Soak"]
    soak.trigger()
    assert kinds(page)[-1] == "soak"


def test_steps_are_added_into_a_block_and_what_is_wrong_until_then_is_said(page, settle):
    page.actions_of_steps.add("repeat")
    settle()
    assert "must hold at least one item" in page.problems.item(0).text()
    assert page.tree.steps.data(page.tree.currentIndex(), Qt.ItemDataRole.DisplayRole) == "! Repeat"
    page.actions_of_steps.add("soak")
    settle()
    assert page.problems.isHidden()
    assert page.document.problems == ()
    assert page.document.content["steps"][-1]["steps"] == [{"kind": "soak", "duration": "1 min"}]


def test_what_is_added_into_a_repeat_takes_its_variable_and_another_repeat_takes_another_one(page, settle):
    page.document.new()
    add, choose_step = page.actions_of_steps.add, page.tree.choose
    for kind, place in (("repeat", ()), ("set_temperature", ("steps", 0)), ("repeat", ("steps", 0))):
        choose_step(place)
        add(kind)
    choose_step(("steps", 0, "steps", 1))
    add("set_laser")
    [outer] = page.document.content["steps"]
    assert outer["steps"][0] == {"kind": "set_temperature", "temperature": "$temperature"}
    assert outer["steps"][1]["for"] == "intensity"
    assert outer["steps"][1]["steps"] == [{"kind": "set_laser", "intensity": "$intensity"}]
    settle()
    assert page.document.problems == ()


def test_a_new_sequence_ends_dark_and_takes_the_name_of_its_file(page, tmp_path):
    page.document.new()
    assert page.document.content["cleanup"] == [
        {"kind": "set_laser", "emission": False}, {"kind": "set_shutter", "open": False},
    ]  # fmt: skip
    page.document.save(tmp_path / "sweep.yaml")
    assert page.document.name == "sweep"
    assert not page.document.dirty
    assert "name: sweep" in (tmp_path / "sweep.yaml").read_text(encoding="utf-8")
    page.document.save(tmp_path / "other.yaml")
    assert page.document.name == "sweep"


def test_a_setting_is_changed_in_the_form_and_undone(qtbot, page):
    page.tree.choose(("steps", 2))
    line = page.step_form.form.fields["duration"].line
    line.selectAll()
    qtbot.keyClicks(line, "20")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert page.document.content["steps"][2]["duration"] == "20 min"
    assert page.document.dirty
    assert page.name_label.text() == "not saved: cascade"
    assert page.busy_because() == "the sequence cascade has changes that are not saved"
    assert isinstance(page.document.source, dict)
    page.undo.trigger()
    assert page.step_form.form.fields["duration"].data() == "10 min"
    assert page.document.source == "cascade"
    page.redo.trigger()
    assert page.document.content["steps"][2]["duration"] == "20 min"


def test_the_form_is_not_built_anew_while_somebody_works_in_it(qtbot, page):
    page.tree.choose(("steps", 2))
    form = page.step_form.form
    qtbot.keyClicks(form.fields["note"].line, "first")
    qtbot.keyClick(form.fields["note"].line, Qt.Key.Key_Return)
    assert page.step_form.form is form


def test_a_tick_leaves_a_step_out(qtbot, page):
    model = page.tree.steps
    index = model.index_of(("steps", 1))
    model.setData(index, Qt.CheckState.Unchecked.value, Qt.ItemDataRole.CheckStateRole)
    wait_for(qtbot, lambda: page.document.content["steps"][1].get("enabled") is False)
    model.setData(model.index_of(("steps", 1)), Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
    wait_for(qtbot, lambda: "enabled" not in page.document.content["steps"][1])


def test_a_note_is_written_in_the_tree(qtbot, page):
    model = page.tree.steps
    index = model.index_of(("steps", 1)).siblingAtColumn(2)
    assert model.flags(index) & Qt.ItemFlag.ItemIsEditable
    model.setData(index, "open wide", Qt.ItemDataRole.EditRole)
    wait_for(qtbot, lambda: page.document.content["steps"][1].get("note") == "open wide")


def drop(page, place, onto, row=-1):
    """Drag a step and drop it on something, or before a row below it."""
    model = page.tree.steps
    dragged = model.mimeData([model.index_of(place), model.index_of(place).siblingAtColumn(1)])
    parent = model.index_of(onto) if onto else QModelIndex()
    return model.dropMimeData(dragged, Qt.DropAction.MoveAction, row, 0, parent)


def test_steps_are_dragged_to_another_place(qtbot, page):
    assert drop(page, ("steps", 2), ("steps",), 0) is False
    wait_for(qtbot, lambda: kinds(page) == ["acquire_photons", "set_laser", "set_shutter"])
    assert page.tree.present() == ("steps", 0)


def test_steps_are_dragged_into_a_block(qtbot, page):
    page.actions_of_steps.add("if")
    drop(page, ("steps", 1), ("steps", 3, "then"))
    wait_for(qtbot, lambda: kinds(page) == ["set_laser", "acquire_photons", "if"])
    assert [step["kind"] for step in page.document.content["steps"][2]["then"]] == ["set_shutter"]


def test_what_cannot_stand_in_the_cleanup_is_refused_with_what_can(qtbot, page):
    drop(page, ("steps", 2), ("cleanup",))
    wait_for(qtbot, lambda: "cannot stand in the cleanup" in page.message.text())
    assert "set shutter" in page.message.text()
    assert not page.document.dirty
    page.tree.choose(("cleanup", 0))
    page._try(page.actions_of_steps.add, "set_focus")
    assert page.message.text() == ""
    assert page.document.content["cleanup"][1]["kind"] == "set_focus"


def test_cut_copy_paste_and_duplicate_work_on_yaml_text(page):
    page.tree.choose(("steps", 0))
    page.copy()
    assert "kind: set_laser" in QApplication.clipboard().text()
    page.tree.choose(("steps", 2))
    page.paste()
    assert kinds(page) == ["set_laser", "set_shutter", "acquire_photons", "set_laser"]
    page.tree.choose(("steps", 1))
    page.cut()
    assert kinds(page) == ["set_laser", "acquire_photons", "set_laser"]
    page.tree.choose(("steps", 1))
    page.actions_of_steps.duplicate()
    assert kinds(page) == ["set_laser", "acquire_photons", "acquire_photons", "set_laser"]
    QApplication.clipboard().setText("nothing of that kind")
    page._try(page.paste)
    assert "no steps to paste" in page.message.text()


def test_keys_remove_and_move_steps(qtbot, page):
    page.tree.choose(("steps", 0))
    page.tree.setFocus()
    qtbot.keyClick(page.tree, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert kinds(page) == ["set_shutter", "set_laser", "acquire_photons"]
    qtbot.keyClick(page.tree, Qt.Key.Key_Delete)
    assert kinds(page) == ["set_shutter", "acquire_photons"]
    qtbot.keyClick(page.tree, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert kinds(page) == ["set_shutter", "set_laser", "acquire_photons"]


def test_it_is_saved_and_opened_with_its_comments(page, tmp_path):
    target = tmp_path / "mine.yaml"
    page.actions_of_steps.note(("steps", 2), "the long one")
    page.files.save()
    choose(target)
    assert target.read_text(encoding="utf-8").startswith("# Cascade spectroscopy of one nanocrystal")
    assert (page.document.path, page.document.dirty, page.document.source) == (target, False, str(target))
    page.files.open(find_config("sequences", "find_and_measure"))
    page.files.open(target)
    assert page.document.content["steps"][2]["note"] == "the long one"


@pytest.mark.parametrize(("answer", "name"), [("Cancel", "cascade"), ("Discard", "find_and_measure")])
def test_changes_are_lost_only_when_a_person_says_so(page, answer, name):
    page.actions_of_steps.add("soak")
    page.files.open(find_config("sequences", "find_and_measure"))
    assert page.document.name == "cascade"
    assert "not saved. Save them?" in press(answer)
    assert page.document.name == name


def test_changes_are_saved_before_another_sequence_takes_their_place_when_a_person_says_so(page, tmp_path):
    page.actions_of_steps.add("soak")
    page.files.open(find_config("sequences", "find_and_measure"))
    press("Save")
    choose(tmp_path / "kept.yaml")
    assert "soak" in (tmp_path / "kept.yaml").read_text(encoding="utf-8")
    assert page.document.name == "find_and_measure"


def test_changes_that_could_not_be_saved_are_kept(page, tmp_path):
    page.actions_of_steps.add("soak")
    page.files.open(find_config("sequences", "find_and_measure"))
    press("Save")
    choose(None)
    assert (page.document.name, page.document.dirty) == ("cascade", True)


@pytest.mark.parametrize(
    ("text", "said"), [("- kind: soak", "must hold a mapping"), ("a: [", "not valid YAML"), ("a: 1\na: 2", "not valid")]
)
def test_a_file_that_cannot_be_read_is_told_and_changes_nothing(page, tmp_path, text, said):
    broken = tmp_path / "broken.yaml"
    broken.write_text(text, encoding="utf-8")
    page.files.open(broken)
    assert said in page.message.text()
    assert page.document.name == "cascade"
    page.files.open(tmp_path / "missing.yaml")
    assert "missing.yaml" in page.message.text()


def test_a_disk_that_refuses_is_told(page, tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(page.document, "save", refuse)
    page.files.save()
    choose(tmp_path / "folder.yaml")
    assert "cannot be written" in page.message.text()


def test_a_problem_leads_to_its_step(page, settle):
    page.actions_of_steps.replace(("steps", 2), {"kind": "acquire_photons", "duration": "10 degC"})
    settle()
    page.tree.choose(("steps", 0))
    assert page.problems.item(0).text().startswith("! Acquire photons: Duration: 10 degC")
    page.problems.itemClicked.emit(page.problems.item(0))
    assert page.tree.present() == ("steps", 2)
    assert "not a time" in page.step_form.form.problems()[0]


def test_metadata_are_changed_and_their_problems_said(qtbot, page, settle):
    form = page.whole_form.metadata
    form.add("atmosphere")
    line = form.fields["atmosphere"].line
    qtbot.keyClicks(line, "beer")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    settle()
    assert page.document.content["metadata"]["atmosphere"] == "beer"
    assert "allowed: N2" in form.fields["atmosphere"].toolTip()
    form.changed.emit({"purpose": "to see"})
    assert page.document.content["metadata"] == {"purpose": "to see"}


def test_what_the_rig_asks_for_stands_there_to_be_filled_in(desk, qtbot, settle, monkeypatch):
    asked = SimpleNamespace(required_metadata=("sample", "operator"))
    monkeypatch.setattr("acquisition.gui.sequence_editor.whole_form.load_config", lambda *_: asked)
    page = SequencePage(desk)
    qtbot.addWidget(page)
    settle()
    assert list(page.whole_form.metadata.fields)[:2] == ["sample", "operator"]
    assert "the rig asks for it" in page.whole_form.metadata.fields["sample"].toolTip()


def test_the_name_and_the_conditions_belong_to_the_whole_sequence(qtbot, page, settle):
    line = page.whole_form.form.fields["name"].line
    line.selectAll()
    qtbot.keyClicks(line, "night_run")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert page.document.name == "night_run"
    page.whole_form.form.fields["suspend"].add_button.click()
    assert page.document.content["suspend"] == [{"kind": "laser_rate"}]
    settle()
    assert page.document.problems == ()


def test_a_called_sequence_beside_the_file_is_found_and_started_by_its_whole_path(page, tmp_path, settle):
    (tmp_path / "inner.yaml").write_text("name: inner\nsteps:\n  - kind: analyze\n", encoding="utf-8")
    outer = tmp_path / "outer.yaml"
    outer.write_text("name: outer\nsteps:\n  - kind: call\n    sequence: inner.yaml\n", encoding="utf-8")
    page.files.open(outer)
    settle()
    assert page.document.problems == ()
    page.actions_of_steps.add("analyze")
    assert page.document.source["steps"][0]["sequence"] == str(tmp_path / "inner.yaml")


def test_what_the_instruments_allow_is_said_before_the_start(page):
    page.tree.choose(("steps", 0))
    laser = {"role": "laser", "controls": {"intensity_percent": {"limits": [0.0, 15.0]}, "emission": {"limits": None}}}
    page.show_said(Said(devices=(laser,)))
    assert page.step_form.form.problems() == ["Intensity: must be at most 15 % and at least 0 %"]
    assert "Allowed: at least 0 %, at most 15 %" in page.step_form.form.fields["intensity"].toolTip()
    page.tree.choose(("steps", 2))
    page.tree.choose(("steps", 0))
    assert page.step_form.form.problems() == ["Intensity: must be at most 15 % and at least 0 %"]


def test_what_is_being_typed_stays_when_the_check_has_ended(qtbot, page, settle):
    page.tree.choose(("steps", 2))
    form = page.step_form.form
    line = form.fields["duration"].line
    line.selectAll()
    qtbot.keyClicks(line, "20")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.keyClicks(form.fields["note"].line, "half a")
    settle()
    assert page.document.problems == ()
    assert page.step_form.form is form
    assert form.fields["note"].line.text() == "half a"


def test_a_change_of_the_whole_sequence_stays_on_its_tab(page):
    page.tree.choose(("steps", 1))
    page.tabs.setCurrentIndex(1)
    page.whole_form.edited.emit("metadata", {"purpose": "to see"})
    assert page.tabs.currentIndex() == 1
    page.actions_of_steps.add("soak")
    assert page.tabs.currentIndex() == 0


def test_folded_steps_stay_folded_when_something_changes(page):
    page.files.open(find_config("sequences", "cascade_temperatures"))
    page.tree.collapse(page.tree.steps.index_of(("steps", 1)))
    page.actions_of_steps.note(("steps", 0), "x")
    assert not page.tree.isExpanded(page.tree.steps.index_of(("steps", 1)))


@pytest.mark.parametrize("theme", sorted(THEMES))
def test_all_colours_follow_the_theme(desk, page, theme):
    desk.theme = THEMES[theme]
    page.restyle()
    colour = page.tree.steps.data(page.tree.steps.index_of(("steps", 0)), Qt.ItemDataRole.ForegroundRole)
    assert colour.name() == THEMES[theme].text


def test_the_page_fits_into_a_small_screen(page):
    assert page.minimumSizeHint().width() < 1000
    assert page.minimumSizeHint().height() < 480
