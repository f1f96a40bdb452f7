"""Keys that write a prompt: earlier ones, the library, the user's own editor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message

from smallchat.config.errors import ConfigError
from smallchat.tui.latest import LatestOnly
from smallchat.tui.screens.base import STILL_STARTING
from smallchat.tui.screens.enclosing import EnclosingScreen
from smallchat.tui.widgets.composer import Composer

if TYPE_CHECKING:
    from smallchat.tui.prompt_library import PromptLibrary

HISTORY_SHOWN = 50  # more take longer to lay out than a screen may take to open; a search finds the others


class PromptScreen(EnclosingScreen):
    """A screen whose composer has a history, a library and an editor."""

    KEY_GROUP = "With the prompt"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+h", "history", "History", id="history", show=False,
                tooltip="Search the prompts of all sessions"),
        Binding("alt+l", "library", "Library", id="library", show=False,
                tooltip="Write a prompt of your library, or keep this one there"),
        Binding("alt+g", "edit_draft", "Editor", id="edit_draft", show=False,
                tooltip="Write the prompt in your own editor"),
    ]  # fmt: skip

    @dataclass
    class Remembered(Message):
        """Earlier prompts were read, the newest first."""

        prompts: Sequence[str]

    def __init__(self, names: Sequence[str]) -> None:
        """Make a pane for each of ``names``."""
        super().__init__(names)
        self._prompt_worker = LatestOnly("smallchat-prompts")

    def on_unmount(self) -> None:
        """End the thread."""
        self._prompt_worker.end()

    # Earlier prompts

    @on(Composer.HistoryWanted)
    def _remember(self) -> None:
        if self.backend is not None:
            store = self.backend.store
            self._prompt_worker.do(lambda: self.post_message(self.Remembered(store.prompts())))

    @on(Remembered)
    def _offer_history(self, message: Remembered) -> None:
        self.composer.offer_history(message.prompts)

    async def action_history(self) -> None:
        """Search the prompts of all sessions."""
        if self.backend is None:
            self.toast(STILL_STARTING)
            return
        from smallchat.tui.prompt_library import NO_MATCH, shorten
        from smallchat.tui.screens.choosing import ChoosingScreen, Item, Listing

        store = self.backend.store

        def find(words: str) -> Listing:
            items = [Item(shorten(text), "", text) for text in store.prompts(words, HISTORY_SHOWN)]
            return Listing(items, NO_MATCH if words.strip() else "Nothing was asked yet.")

        def write(chosen: tuple[str, str] | None) -> None:
            if chosen is not None:
                self.composer.replace_draft(chosen[1])
            self.composer.focus()

        hints = [("enter", "writes it into the composer")]
        await self.app.push_screen(ChoosingScreen("Earlier prompts", find, hints=hints), write)

    # The library

    async def action_library(self) -> None:
        """Choose a prompt of the library, or keep the one that is being written there."""
        if self.backend is None:
            self.toast(STILL_STARTING)
            return
        from smallchat.tui.prompt_library import PromptLibrary
        from smallchat.tui.screens.choosing import ChoosingScreen

        library = PromptLibrary(self.backend.services.config_path, self.composer.prompt)
        hints = (("enter", "writes it at the cursor"), "Tab then goes to the next {placeholder}")
        asked = ChoosingScreen(library.title, library.find, hints=hints)
        await self.app.push_screen(asked, partial(self._use_library, library))

    def _use_library(self, library: PromptLibrary, chosen: tuple[str, str] | None) -> None:
        self.composer.focus()
        if chosen is None:
            return
        wish, name = chosen
        try:
            if wish == "keep":
                self.toast(library.keep())
            elif wish == "begin":
                library.begin()
                self.call_later(self.action_library)
            else:
                prompt = library.prompts[name]
                self.composer.fill_in(prompt.text, prompt.fields)
        except ConfigError as error:
            self.toast(str(error), "warning")

    @on(Composer.Incomplete)
    def _tell_incomplete(self, message: Composer.Incomplete) -> None:
        self.toast(f"{message.field} is still to be filled in. Enter again sends it as it is.")

    # The editor

    def action_edit_draft(self) -> None:
        """Write the prompt in the user's own editor."""
        from smallchat.tui.editor import EditorError, edit

        draft = self.composer.prompt
        try:
            written = edit(self.app, draft)
        except EditorError as error:
            self.toast(str(error), "warning")
            return
        if written != draft:
            self.composer.replace_draft(written)
        self.composer.focus()
