"""The page on which a sequence is put together: its steps as a tree, and a form of the one that is chosen."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QAction, QKeySequence
from qtpy.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QSplitter,
    QTabWidget,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from superqt import QElidingLabel

from acquisition.gui.client.feed import Said
from acquisition.gui.registry import view
from acquisition.gui.sequence_editor import catalogue, edits
from acquisition.gui.sequence_editor.document import document_of
from acquisition.gui.sequence_editor.edits import Place
from acquisition.gui.sequence_editor.file_actions import FileActions
from acquisition.gui.sequence_editor.outline import Node, outline
from acquisition.gui.sequence_editor.step_actions import StepActions
from acquisition.gui.sequence_editor.step_form import StepForm, scrolled, wrapped
from acquisition.gui.sequence_editor.step_tree import StepTree
from acquisition.gui.sequence_editor.whole_form import WholeForm
from acquisition.gui.view import Desk, View
from acquisition.gui.view import Place as Where

PROBLEM_LINES = 4
"""Height of the list of problems."""


@view(
    "sequence",
    "Sequence",
    Where.PAGE,
    order=30,
    tip="The steps of a measurement, one after the other: put them together, nest them, set each, save them as YAML.",
)
class SequencePage(View):
    """Edits the sequence that the Run dock starts."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.document = document_of(desk)
        self._next: Place | None = None
        self._devices: tuple[Mapping[str, Any], ...] | None = None
        self.tree = StepTree(desk.theme)
        self.actions_of_steps = StepActions(self.document, self.tree, self._look_at)
        self.files = FileActions(self, self.document, self._say)
        self.step_form, self.whole_form = StepForm(desk), WholeForm(desk)
        self.problems, self.message = QListWidget(), wrapped()
        self.tabs = QTabWidget()
        self._fill()
        self._connect()
        self.restyle()

    def busy_because(self) -> str:
        """Return that there are changes that are not saved, if there are."""
        return f"the sequence {self.document.name} has changes that are not saved" if self.document.dirty else ""

    def show_said(self, said: Said) -> None:
        """Take what the instruments of the rig allow."""
        if said.devices is not None and said.devices is not self._devices:
            self._devices = said.devices
            self.step_form.show_devices(said.devices)

    def restyle(self) -> None:
        """Take the colours of `Desk.theme`, which has changed."""
        self.message.setStyleSheet(f"color: {self.desk.theme.bad}")
        self.problems.setStyleSheet(f"color: {self.desk.theme.bad}")
        self.step_form.restyle()
        self.whole_form.restyle()
        self._show()

    def _fill(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.addLayout(self._bar())
        column.addWidget(self.message)
        self.message.hide()
        left = QWidget()
        below = QVBoxLayout(left)
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self.tree, 1)
        below.addWidget(self.problems)
        self.problems.setWordWrap(True)
        self.problems.setFixedHeight(self.fontMetrics().lineSpacing() * PROBLEM_LINES + 8)
        self.problems.setToolTip("What is wrong; a click shows the step")
        self.tabs.addTab(scrolled(self.step_form), "Step")
        self.tabs.addTab(scrolled(self.whole_form), "Whole sequence")
        self.tabs.setTabToolTip(1, "Name, metadata, and when a run pauses by itself")
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.setChildrenCollapsible(False)
        halves.addWidget(left)
        halves.addWidget(self.tabs)
        halves.setStretchFactor(0, 3)
        halves.setStretchFactor(1, 2)
        halves.setSizes([600, 400])
        column.addWidget(halves, 1)

    def _bar(self) -> QHBoxLayout:
        """Return the row of buttons, with the name of the sequence at its end."""
        row = QHBoxLayout()
        row.setSpacing(2)
        self.file_menu, self.add_menu = QMenu("File", self), QMenu("Add", self)
        self.files.fill(self.file_menu)
        self._fill_add_menu()
        bar = QToolBar()
        bar.addWidget(self._menu_button("File", "Open and save sequences", self.file_menu))
        bar.addWidget(self._menu_button("Add step", "Add a step below the chosen one, or into it", self.add_menu))
        steps = self.actions_of_steps
        self.undo = self._action("Undo", QKeySequence.StandardKey.Undo, self.document.undo.undo)
        self.redo = self._action("Redo", QKeySequence.StandardKey.Redo, self.document.undo.redo)
        changes = [
            self.undo,
            self.redo,
            self._action("Cut", QKeySequence.StandardKey.Cut, self.cut),
            self._action("Copy", QKeySequence.StandardKey.Copy, self.copy),
            self._action("Paste", QKeySequence.StandardKey.Paste, self.paste),
            self._action("Duplicate", QKeySequence("Ctrl+D"), steps.duplicate),
            self._action("Remove", QKeySequence.StandardKey.Delete, steps.remove),
            self._action("Up", QKeySequence("Alt+Up"), partial(steps.shift, -1)),
            self._action("Down", QKeySequence("Alt+Down"), partial(steps.shift, 1)),
        ]
        bar.addActions(changes)
        row.addWidget(bar)
        self._action("Save", QKeySequence.StandardKey.Save, self.files.save, whole_page=True)
        self._action("Save as", QKeySequence("Ctrl+Shift+S"), self.files.save_as, whole_page=True)
        self.name_label = QElidingLabel()
        self.name_label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.name_label.setMinimumWidth(self.fontMetrics().averageCharWidth() * 14)
        row.addWidget(self.name_label, 1)
        return row

    def _fill_add_menu(self) -> None:
        self.add_menu.setToolTipsVisible(True)
        for group, kinds in catalogue.groups().items():
            menu = self.add_menu.addMenu(group)
            menu.setToolTipsVisible(True)
            for kind in kinds:
                action = menu.addAction(catalogue.title_of(kind), partial(self._try, self.actions_of_steps.add, kind))
                action.setToolTip(catalogue.what_it_does(kind))

    def _action(self, text: str, keys: Any, act: Callable[[], Any], *, whole_page: bool = False) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setToolTip(f"{text} ({action.shortcut().toString()})")
        action.triggered.connect(lambda: self._try(act))
        (self if whole_page else self.tree).addAction(action)
        return action

    def _menu_button(self, text: str, tip: str, menu: QMenu) -> QToolButton:
        button = QToolButton()
        button.setText(f"{text}  ")  # room for the arrow
        button.setToolTip(tip)
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return button

    def _connect(self) -> None:
        steps, model = self.actions_of_steps, self.tree.steps
        self.document.changed.connect(self._show)
        self.document.checked.connect(self._show)
        self.undo.setEnabled(self.document.undo.canUndo())
        self.redo.setEnabled(self.document.undo.canRedo())
        self.document.undo.canUndoChanged.connect(self.undo.setEnabled)
        self.document.undo.canRedoChanged.connect(self.redo.setEnabled)
        self.tree.chosen.connect(self._choose)
        model.ticked.connect(partial(self._later, steps.enable))
        model.noted.connect(partial(self._later, steps.note))
        model.dropped.connect(partial(self._later, steps.move))
        self.step_form.edited.connect(partial(self._try, steps.replace))
        self.whole_form.edited.connect(self._set_key)
        self.problems.itemClicked.connect(self._go_to)
        self.problems.itemActivated.connect(self._go_to)

    def cut(self) -> None:
        """Take the chosen steps out, into the clipboard."""
        self.copy()
        self.actions_of_steps.remove()

    def copy(self) -> None:
        """Put the chosen steps into the clipboard, as YAML."""
        text = self.actions_of_steps.copied()
        if text:
            QApplication.clipboard().setText(text)

    def paste(self) -> None:
        """Add the steps that the clipboard holds as YAML."""
        self.actions_of_steps.paste(QApplication.clipboard().text())

    def _set_key(self, key: str, value: Any) -> None:
        def change(root: Any) -> None:
            edits.set_key(root, key, value)

        self._try(self.document.change, f"change {key}", change)

    def _look_at(self, place: Place) -> None:
        self._next = place

    def _later(self, act: Callable[..., Any], *arguments: Any) -> None:
        """Do something once the tree has ended what it is doing now: its outline follows."""
        QTimer.singleShot(0, self, partial(self._try, act, *arguments))

    def _try(self, act: Callable[..., Any], *arguments: Any) -> None:
        try:
            act(*arguments)
        except (ValueError, LookupError) as error:
            self._say(str(error))
        else:
            self._say("")

    def _say(self, text: str) -> None:
        self.message.setText(text)
        self.message.setVisible(bool(text))

    def _show(self) -> None:
        found = self.document.problems or ()
        place, self._next = self._next, None
        root = outline(self.document.content, found)
        self.tree.show_outline(root, self.desk.theme, place)
        self._show_name()
        self._list(root)
        self.whole_form.show_content(self.document.content, found)
        self._show_step()
        if place:
            self.tabs.setCurrentIndex(0)

    def _show_name(self) -> None:
        path = self.document.path
        where = "not saved yet" if path is None else "shipped with the program" if self.document.shipped else str(path)
        changed = "not saved: " if self.document.dirty else ""
        self.name_label.setText(f"{changed}{self.document.name or 'no name'}")
        self.name_label.setToolTip(f"{self.name_label.text()}\n{where}")

    def _list(self, root: Node) -> None:
        self.problems.clear()
        for node in root.every():
            for problem in node.problems:
                item = QListWidgetItem(f"! {node.title or 'Sequence'}: {problem}")
                item.setData(Qt.ItemDataRole.UserRole, node.place)
                item.setToolTip(problem)
                self.problems.addItem(item)
        self.problems.setVisible(self.problems.count() > 0)

    def _go_to(self, item: QListWidgetItem) -> None:
        place = tuple(item.data(Qt.ItemDataRole.UserRole))
        self.tree.choose(place)
        self.tabs.setCurrentIndex(0 if place else 1)

    def _choose(self, place: Place) -> None:
        self._show_step()
        if place and isinstance(place[-1], int):
            self.tabs.setCurrentIndex(0)

    def _show_step(self) -> None:
        node = self.tree.steps.node(self.tree.currentIndex())
        step = edits.at(self.document.content, node.place) if node.place and isinstance(node.place[-1], int) else None
        self.step_form.show_step(node.place, step if isinstance(step, dict) else None, node.problems)
