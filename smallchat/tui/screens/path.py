"""Asks for the path of a file, completed while it is typed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static

from smallchat.config.errors import ConfigError
from smallchat.safe_text import safe_text
from smallchat.tui.latest import LatestOnly
from smallchat.tui.pasting import NO_CONTROLS, find_pasted_path
from smallchat.tui.screens.dialog import Dialog
from smallchat.tui.widgets.hint_line import HintLine

MOST_LOOKED_AT = 5_000
_HINTS = (("complete_path", "completes"), ("enter", "attaches"), ("leave_path", "goes back"))


class PathSuggester(Suggester):
    """Suggests the first file or folder that goes on as typed; hidden ones only after a typed dot."""

    def __init__(self) -> None:
        """Ask the disk each time: files come and go."""
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return ``value`` completed, off the thread that draws."""
        return await asyncio.to_thread(complete_path, value)


def complete_path(typed: str) -> str | None:
    """Return ``typed`` with the rest of the first name that fits; ``None`` when none does."""
    if not typed:
        return None
    folder, _, start = typed.rpartition("/")
    try:
        where = Path(f"{folder}/" if "/" in typed else ".").expanduser()
        names = []
        with os.scandir(where) as entries:
            for count, entry in enumerate(entries):
                if count >= MOST_LOOKED_AT:
                    break
                name = entry.name
                shown = name.isprintable() and (start.startswith(".") or not name.startswith("."))
                if name.startswith(start) and shown:
                    names.append(f"{name}/" if entry.is_dir() else name)
    except (OSError, RuntimeError, ValueError):
        return None
    return typed + min(names)[len(start) :] if names else None


class PathScreen(Dialog[Any]):
    """Gives back what was read from the file, or ``None``. A file that can not be used is told here."""

    CSS_PATH = "choosing.tcss"
    LEFT_BESIDE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", id="leave_path", tooltip="Go back to the composer"),
        Binding("tab", "complete", "Complete", id="complete_path", priority=True,
                tooltip="Take the suggested path"),
    ]  # fmt: skip

    @dataclass
    class Read(Message):
        """The file was read."""

        found: object

    @dataclass
    class Refused(Message):
        """The file can not be used."""

        why: str

    def __init__(
        self,
        title: str,
        read: Callable[[Path], object],
        *,
        path: str = "",
        hints: Sequence[tuple[str, str] | str] = (),
    ) -> None:
        """Ask for a path.

        Args:
            title: What for.
            read: Reads the file, in a thread; raises ``ConfigError`` where it can not be used.
            path: What is written there at first.
            hints: What the keys do, the way back with it.
        """
        super().__init__()
        self._title, self._read, self._path = title, read, path
        self._hints = hints or _HINTS
        self._reader = LatestOnly("smallchat-reading")

    def compose(self) -> ComposeResult:
        """Yield the question."""
        with Vertical():
            yield Static(Content.styled(self._title, "bold"))
            yield Input(
                self._path,
                placeholder="~/pictures/cat.png",
                compact=True,
                restrict=NO_CONTROLS,
                suggester=PathSuggester(),
            )
            yield Static("", id="trouble", markup=False)
            yield HintLine(*self._hints)

    def on_unmount(self) -> None:
        """End the thread."""
        self._reader.end()

    def action_complete(self) -> None:
        """Take the suggested path."""
        self.query_one(Input).action_cursor_right()

    @on(Input.Submitted)
    def _read_file(self, event: Input.Submitted) -> None:
        event.stop()
        if typed := event.value.strip():
            path = find_pasted_path(typed) or Path(typed)
            self._reader.do(lambda: self._try_to_read(path))

    def _try_to_read(self, path: Path) -> None:
        try:
            self.post_message(self.Read(self._read(path.expanduser())))
        except (ConfigError, RuntimeError) as error:
            self.post_message(self.Refused(str(error)))

    @on(Read)
    def _give_back(self, message: Read) -> None:
        self.dismiss(message.found)

    @on(Refused)
    def _tell(self, message: Refused) -> None:
        trouble = self.query_one("#trouble", Static)
        trouble.update(safe_text(message.why))
        trouble.add_class("-some")
