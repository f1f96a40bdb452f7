"""Keys for the prompt being written: earlier ones, the library, the editor, files and a schema with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message

from smallchat.tui.enclosed import NOTHING, Enclosed, tell_blind
from smallchat.tui.latest import LatestOnly
from smallchat.tui.screens.asking import AskingScreen
from smallchat.tui.widgets.composer import Composer
from smallchat.tui.widgets.enclosed_line import Chip, EnclosedLine, list_chips

if TYPE_CHECKING:
    from smallchat.config.prompts import SavedPrompt
    from smallchat.engine.attaching import Attachment
    from smallchat.tui.question import Question
    from smallchat.tui.screens.choosing import Item

MOST_FILES = 20
LONGEST_WRITTEN_OUT = 200_000  # characters
HISTORY_SHOWN = 100


class PromptScreen(AskingScreen):
    """A screen whose composer has a history, a library, and things that go with the prompt."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+h", "history", "History", id="history", show=False,
                tooltip="Search the prompts of all sessions"),
        Binding("alt+l", "library", "Library", id="library", show=False,
                tooltip="Write a prompt of your library"),
        Binding("alt+g", "edit_draft", "Editor", id="edit_draft", show=False,
                tooltip="Write the prompt in your own editor"),
        Binding("alt+u", "attach", "Attach", id="attach", show=False,
                tooltip="Send an image or a text file with the prompt"),
        Binding("alt+j", "attach_schema", "Schema", id="attach_schema", show=False,
                tooltip="Have answers follow a JSON schema, and check them"),
        Binding("alt+x", "enclosed", "Attached", id="enclosed", show=False,
                tooltip="List what goes with the prompt; take it off or write it out"),
    ]  # fmt: skip

    @dataclass
    class Remembered(Message):
        """Earlier prompts were read, the newest first."""

        prompts: Sequence[str]

    @dataclass
    class LibraryRead(Message):
        """The prompt library was read."""

        prompts: Sequence[SavedPrompt]
        problems: Sequence[str]

    def __init__(self, names: Sequence[str]) -> None:
        """Make a pane for each of ``names``."""
        super().__init__(names)
        self.enclosed_line = EnclosedLine()
        self._enclosed = NOTHING
        self._counts: dict[Attachment, int] = {}
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

    def action_history(self) -> None:
        """Search the prompts of all sessions."""
        if self.backend is None:
            return
        from smallchat.tui.screens.choosing import ChoosingScreen, Item

        store = self.backend.store

        def find(words: str) -> list[Item]:
            return [Item(_title_of(text), "", text) for text in store.prompts(words, HISTORY_SHOWN)]

        self.app.push_screen(
            ChoosingScreen(
                "Earlier prompts",
                find,
                hints=[("enter", "writes it into the composer")],
                nothing="No prompt has these words.",
            ),
            self._write_chosen,
        )

    def _write_chosen(self, chosen: tuple[str, str] | None) -> None:
        if chosen is not None:
            self.composer.replace_draft(chosen[1])
        self.composer.focus()

    # The library

    def action_library(self) -> None:
        """Choose a prompt of the library."""
        if self.backend is not None:
            config = self.backend.services.config_path
            self._prompt_worker.do(partial(self._read_library, config))

    def _read_library(self, config: Path) -> None:
        from smallchat.config.prompts import read_library

        self.post_message(self.LibraryRead(*read_library(config)))

    @on(LibraryRead)
    def _list_library(self, message: LibraryRead) -> None:
        from smallchat.tui.screens.choosing import ChoosingScreen, Item

        for problem in message.problems[:3]:
            self.toast(problem, "warning")
        if not message.prompts:
            if not message.problems:
                self.toast("Your library is empty: put prompts into prompts.toml beside your configuration.")
            return
        prompts = {prompt.name: prompt for prompt in message.prompts}

        def find(words: str) -> list[Item]:
            wanted = words.casefold().split()
            return [
                Item(prompt.title, " ".join(prompt.fields) or _title_of(prompt.text), prompt.name)
                for prompt in prompts.values()
                if all(word in f"{prompt.title} {prompt.name} {prompt.text}".casefold() for word in wanted)
            ]

        def write(chosen: tuple[str, str] | None) -> None:
            if chosen is not None:
                prompt = prompts[chosen[1]]
                self.composer.fill_in(prompt.text, prompt.fields)
            self.composer.focus()

        self.app.push_screen(
            ChoosingScreen(
                "Prompt library",
                find,
                hints=[("enter", "writes it at the cursor"), "Tab then goes to the next {placeholder}"],
                nothing="No prompt has these words.",
            ),
            write,
        )

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

    # Files and a schema

    @property
    def enclosed(self) -> Enclosed:
        """What goes with the next prompt."""
        return self._enclosed

    def begin_with(self, files: Sequence[Attachment]) -> None:
        """Let ``files`` go with the first prompt. For a screen that is not shown yet."""
        self._enclosed = replace(self._enclosed, files=tuple(files))

    def enclose(self, enclosed: Enclosed) -> None:
        """Let ``enclosed`` go with the next prompt."""
        self._enclosed = enclosed
        self._show_chips()
        self.forecast()

    def forget_files(self, question: Question) -> None:
        """Let go of the files that went with ``question``; the schema stays."""
        if not question.again and self._enclosed.files:
            self._enclosed = replace(self._enclosed, files=())
            self._show_chips()

    def attach(self, file: Attachment | None) -> None:
        """Send ``file`` with the next prompt."""
        if file is None:
            return
        if len(self._enclosed.files) >= MOST_FILES:
            self.toast(f"{MOST_FILES} files go with a prompt at most.", "warning")
            return
        self.enclose(replace(self._enclosed, files=(*self._enclosed.files, file)))
        if file.image is not None and self.comparison and (blind := self.comparison.blind()):
            self.toast(
                f"{tell_blind(blind)} {'They are' if blind[1:] else 'It is'} not asked this time.", "warning"
            )

    def action_attach(self, path: str = "", pasted: str = "") -> None:
        """Ask for a file to send with the prompt; with ``pasted``, whether it is to be one."""
        from smallchat.tui.screens.path import PathScreen

        def take(file: Any) -> None:
            if file is None and pasted:
                self.composer.insert_pasted(pasted)
            self.attach(file)
            self.composer.focus()

        title = "Attach this file?" if pasted else "Attach an image or a text file"
        leaving = "writes its path into the prompt" if pasted else "goes back"
        asked = PathScreen(
            title,
            self.read_file,
            doing="attaches it",
            example="~/pictures/cat.png",
            leaving=leaving,
            path=path,
        )
        self.app.push_screen(asked, take)

    @on(Composer.PathPasted)
    def _offer_to_attach(self, message: Composer.PathPasted) -> None:
        self.action_attach(str(message.path), message.text)

    def action_attach_schema(self) -> None:
        """Ask for a JSON schema that answers must follow from the next prompt on."""
        from smallchat.engine.structured import read_schema
        from smallchat.safe_text import safe_line
        from smallchat.tui.screens.path import PathScreen

        def read(path: Path) -> tuple[str, dict[str, Any]]:
            return safe_line(path.name, 80), read_schema(path)

        def take(found: tuple[str, dict[str, Any]] | None) -> None:
            if found is not None:
                self.enclose(replace(self._enclosed, schema_name=found[0], schema=found[1]))
            self.composer.focus()

        title = "Have answers follow a JSON schema"
        asked = PathScreen(title, read, doing="uses it", example="~/schema.json", suffixes=(".json",))
        self.app.push_screen(asked, take)

    # The chips

    def on_mount(self) -> None:
        """Show what goes with the first prompt."""
        self._show_chips()

    @on(Composer.Drafted)
    def _show_chips(self) -> None:
        self.enclosed_line.show(self._chips(), self.key_of("enclosed"))

    def _chips(self) -> list[Chip]:
        counts = [self._counts.get(file) or self._count(file) for file in self._enclosed.files]
        return list_chips(self._enclosed, counts, self.composer.blocks)

    def read_file(self, path: Path) -> Attachment:
        """Return the file at ``path``, counted. For a thread.

        Raises:
            ConfigError: It can not be sent.
        """
        from smallchat.engine.attaching import read_attachment

        file = read_attachment(path)
        self._counts[file] = self._count(file)
        return file

    def _count(self, file: Attachment) -> int:
        """Return the estimated tokens of ``file`` for the model that makes the most of it."""
        models = [seat.model for seat in self.comparison.seats] if self.comparison else []
        if file.image is not None:
            return max((model.image_tokens for model in models if model.vision), default=1600)
        if self.backend is None or not models:
            return len(file.text) // 4
        tokens = self.backend.services.tokens
        return max(tokens.count(model, file.text) for model in models)

    @on(EnclosedLine.Clicked)
    def action_enclosed(self) -> None:
        """List what goes with the prompt."""
        from smallchat.tui.screens.choosing import ChoosingScreen, Item

        chips = self._chips()
        if not chips:
            self.toast(f"Nothing goes with the prompt yet: {self.key_of('attach')} attaches a file.")
            return
        items = [Item(str(chip), "", str(index)) for index, chip in enumerate(chips)]

        def change(chosen: tuple[str, str] | None) -> None:
            if chosen is not None:
                self._change(chips[int(chosen[1])], int(chosen[1]), remove=chosen[0] == "remove")
            self.composer.focus()

        self.app.push_screen(
            ChoosingScreen(
                "With the next prompt",
                lambda words: items,
                hints=[("remove_item", "takes it off"), ("enter", "writes a pasted text out")],
                nothing="",
                searchable=False,
                removable=True,
            ),
            change,
        )

    def _change(self, chip: Chip, index: int, *, remove: bool) -> None:
        composer = self.composer
        if chip.kind == "block":
            if remove:
                composer.take_out(chip.name)
            elif len(composer.blocks.get(chip.name, "")) > LONGEST_WRITTEN_OUT:
                self.toast("This text is too long to be edited here; your editor takes it.", "warning")
            else:
                composer.write_out(chip.name)
        elif not remove:
            self.toast("It is sent as it is. Delete takes it off.")
        elif chip.kind == "schema":
            self.enclose(replace(self._enclosed, schema=None, schema_name=""))
        else:
            files = self._enclosed.files
            self.enclose(replace(self._enclosed, files=files[:index] + files[index + 1 :]))


def _title_of(prompt: str) -> str:
    """Return the first words of ``prompt`` on one line."""
    return " ".join(prompt[:300].split())
