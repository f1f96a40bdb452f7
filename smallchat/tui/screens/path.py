"""Asks for a file: by its path, completed while it is typed, or by the list below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from smallchat.config.errors import ConfigError
from smallchat.safe_text import safe_text
from smallchat.tui.latest import LatestOnly
from smallchat.tui.pasting import NO_CONTROLS, find_pasted_path
from smallchat.tui.paths import list_paths
from smallchat.tui.screens.dialog import Dialog
from smallchat.tui.widgets.hint_line import HintLine
from smallchat.tui.widgets.path_list import PathList


class PathScreen(Dialog[Any]):
    """Gives back what was read from the file, or ``None``. A file that can not be used is told here.

    The field always has the path that Enter takes; in the list, only the mouse chooses another one at once.
    """

    HELP = "Type the path of a file, or take it from the list: a click opens a folder, or takes a file."
    CSS_PATH = "choosing.tcss"
    LEFT_BESIDE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", id="leave_path", tooltip="Go back to the composer"),
        Binding("tab", "complete", "Complete", id="complete_path", priority=True,
                tooltip="Complete the path, as far as it is clear; else take the next one of the list"),
        Binding("down", "move(1)", "Next path", id="next_path", show=False,
                tooltip="Write the next path of the list into the field"),
        Binding("up", "move(-1)", "Path before", id="path_before", show=False,
                tooltip="Write the path before into the field"),
    ]  # fmt: skip

    @dataclass
    class Listed(Message):
        """The paths that go on as ``typed`` are known."""

        typed: str
        paths: Sequence[str]

    @dataclass
    class Read(Message):
        """The file was read."""

        found: object

    @dataclass
    class Refused(Message):
        """The file can not be used."""

        why: str

    @dataclass
    class Entered(Message):
        """The path is that of a folder."""

        path: str

    def __init__(
        self,
        title: str,
        read: Callable[[Path], object],
        *,
        doing: str,
        example: str,
        leaving: str = "goes back",
        suffixes: Sequence[str] = (),
        path: str = "",
    ) -> None:
        """Ask for a path.

        Args:
            title: What for.
            read: Reads the file, in a thread; raises ``ConfigError`` where it can not be used.
            doing: What Enter does with the file, as in "attaches it".
            example: A path, to show what is asked for.
            leaving: What Escape does.
            suffixes: Endings of the files to list; without any, all.
            path: What is written there at first.
        """
        super().__init__(classes="-given" if path else None)
        self._title, self._read, self._path = title, read, path
        self._doing, self._example, self._leaving, self._suffixes = doing, example, leaving, suffixes
        self._typed = path
        self._reader = LatestOnly("smallchat-reading")
        self._lister = LatestOnly("smallchat-listing")

    def compose(self) -> ComposeResult:
        """Yield field, list and keys."""
        with Vertical():
            yield Static(Content.styled(self._title, "bold"), markup=False)
            yield Input(
                self._path,
                placeholder=self._example,
                compact=True,
                restrict=NO_CONTROLS,
                select_on_focus=False,
                id="path",
            )
            yield PathList()
            yield Static("", id="trouble", markup=False)
            yield HintLine(
                ("complete_path", "completes"), ("enter", self._doing), ("leave_path", self._leaving)
            )

    def on_mount(self) -> None:
        """Begin with what is in the folder."""
        self._field.focus()
        self._list(self._path)

    def on_unmount(self) -> None:
        """End the threads."""
        self._reader.end()
        self._lister.end()

    @property
    def _field(self) -> Input:
        return self.query_one("#path", Input)

    @property
    def _paths(self) -> PathList:
        return self.query_one(PathList)

    # The list

    def _list(self, typed: str) -> None:
        self._typed = typed
        self._lister.do(partial(self._find, typed))

    def _find(self, typed: str) -> None:
        self.post_message(self.Listed(typed, list_paths(typed, self._suffixes)))

    @on(Input.Changed)
    def _list_typed(self, event: Input.Changed) -> None:
        event.stop()
        self._tell("")
        self._list(event.value)

    @on(Listed)
    def _show(self, message: Listed) -> None:
        if message.typed == self._typed:
            self._paths.show(message.typed, message.paths)
            self._paths.display = list(message.paths) != [self._path]  # nothing but what was given

    def _write(self, path: str, *, listing: bool = True) -> None:
        field = self._field
        with field.prevent(Input.Changed):
            field.value = path
        field.cursor_position = len(path)
        self._tell("")
        if listing:
            self._list(path)

    def action_complete(self) -> None:
        """Complete the path as far as it is clear; else write the next one of the list."""
        completed = self._paths.complete()
        if self._field.value == self._paths.typed != completed:
            self._write(completed)
        else:
            self.action_move(1)

    def action_move(self, step: int) -> None:
        """Write the next path of the list, or the one before, or before the first what was typed."""
        self._write(self._paths.move(step), listing=False)

    @on(PathList.OptionSelected)
    def _take(self, event: PathList.OptionSelected) -> None:
        """Open the folder, or take the file, that was clicked."""
        event.stop()
        path = event.option_id or ""
        self._write(
            path, listing=path.endswith("/")
        )  # a file that is refused leaves the others to choose from
        if not path.endswith("/"):
            self._use(path)

    # The file

    @on(Input.Submitted)
    def _use_typed(self, event: Input.Submitted) -> None:
        event.stop()
        self._use(event.value.strip())

    def _use(self, typed: str) -> None:
        if typed:
            self._reader.do(partial(self._try_to_read, typed))
        else:
            self._tell("Type a path, or take a file from the list.")

    def _try_to_read(self, typed: str) -> None:
        path = find_pasted_path(typed) or Path(typed)
        try:
            path = path.expanduser()
            if path.is_dir():
                self.post_message(self.Entered(f"{typed.rstrip('/')}/"))
            else:
                self.post_message(self.Read(self._read(path)))
        except (ConfigError, RuntimeError, ValueError) as error:
            self.post_message(self.Refused(str(error)))

    @on(Entered)
    def _enter_folder(self, message: Entered) -> None:
        self._write(message.path)

    @on(Read)
    def _give_back(self, message: Read) -> None:
        self.dismiss(message.found)

    @on(Refused)
    def _refuse(self, message: Refused) -> None:
        self._tell(message.why)

    def _tell(self, why: str) -> None:
        trouble = self.query_one("#trouble", Static)
        trouble.update(safe_text(why))
        trouble.set_class(bool(why), "-some")
