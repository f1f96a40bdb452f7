"""What goes with the prompt, as chips above the composer: shown, counted, listed, taken off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message

from smallchat.tui.enclosed import NOTHING, Enclosed
from smallchat.tui.latest import LatestOnly
from smallchat.tui.screens.asking import AskingScreen
from smallchat.tui.widgets.composer import Composer
from smallchat.tui.widgets.enclosed_line import Chip, EnclosedLine, list_chips

if TYPE_CHECKING:
    from smallchat.engine.attaching import Attachment
    from smallchat.tui.question import Question
    from smallchat.tui.screens.choosing import Item

LONGEST_WRITTEN_OUT = 200_000  # characters
IMAGE_TOKENS = 1600  # until it is known who sees it
CHARS_PER_TOKEN = 4  # until it is counted


class ChipScreen(AskingScreen):
    """A screen whose prompts take files, a schema and pasted blocks with them."""

    KEY_GROUP = "With the prompt"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+x", "enclosed", "Attached", id="enclosed", show=False,
                tooltip="List what goes with the prompt; take it off or write it out"),
    ]  # fmt: skip

    @dataclass
    class Counted(Message):
        """The tokens of a file are estimated."""

        file: Attachment
        tokens: int

    def __init__(self, names: Sequence[str]) -> None:
        """Make a pane for each of ``names``."""
        super().__init__(names)
        self.enclosed_line = EnclosedLine()
        self._enclosed = NOTHING
        self._counts: dict[Attachment, int] = {}
        self._counter = LatestOnly("smallchat-counting")

    def on_mount(self) -> None:
        """Show what goes with the first prompt."""
        self._show_chips()

    def on_unmount(self) -> None:
        """End the thread."""
        self._counter.end()

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

    def take_over(self, other: ChipScreen) -> None:
        """Go on with what is written on the screen ``other``, and what goes with it."""
        self.composer.take_over(other.composer)
        self._enclosed, self._counts = other._enclosed, other._counts
        self._show_chips()

    # Shown

    @on(Composer.Drafted)
    def _show_chips(self) -> None:
        self.enclosed_line.show(self._chips(), self.key_of("enclosed"))

    def _chips(self) -> list[Chip]:
        counts = [self._count(file) for file in self._enclosed.files]
        return list_chips(self._enclosed, counts, self.composer.blocks)

    def _count(self, file: Attachment) -> int:
        """Return the tokens of ``file``, estimated for the model that makes the most of it."""
        if file in self._counts:
            return self._counts[file]
        if self.backend is None or self.comparison is None:
            return IMAGE_TOKENS if file.image is not None else len(file.text) // CHARS_PER_TOKEN
        models = [seat.model for seat in self.comparison.seats]
        if file.image is not None:
            return max((model.image_tokens for model in models if model.vision), default=IMAGE_TOKENS)
        tokens = self.backend.services.tokens

        def count() -> None:
            most = max(tokens.count(model, file.text) for model in models)
            self.post_message(self.Counted(file, most))

        self._counter.do(count)
        return len(file.text) // CHARS_PER_TOKEN

    @on(Counted)
    def _show_count(self, message: Counted) -> None:
        self._counts[message.file] = message.tokens
        self._show_chips()

    @on(EnclosedLine.Clicked)
    async def action_enclosed(self) -> None:
        """List what goes with the prompt."""
        from smallchat.tui.screens.choosing import ChoosingScreen, Listing

        chips = self._chips()
        if not chips:
            self.toast(f"Nothing goes with the prompt yet: {self.key_of('attach')} attaches a file.")
            return
        listing = Listing([self._item(chip, number) for number, chip in enumerate(chips)])
        hints = [("remove_item", "takes it off")]
        if any(chip.kind == "block" for chip in chips):
            hints.append(("enter", "writes a pasted text out"))
        asked = ChoosingScreen(
            "With the next prompt", lambda words: listing, hints=hints, searchable=False, removable=True
        )
        await self.app.push_screen(asked, partial(self._change, chips))

    def _item(self, chip: Chip, place: int) -> Item:
        from smallchat.tui.screens.choosing import Item

        fixed = ""
        if chip.kind != "block":
            fixed = "This is sent as it is: it can only be taken off."
        elif len(self.composer.blocks.get(chip.name, "")) > LONGEST_WRITTEN_OUT:
            fixed = f"This is too long to be edited here: {self.key_of('edit_draft')} opens your editor."
        return Item(str(chip), "", str(place), fixed=fixed)

    def _change(self, chips: Sequence[Chip], chosen: tuple[str, str] | None) -> None:
        self.composer.focus()
        if chosen is None:
            return
        wish, place = chosen[0], int(chosen[1])
        if wish != "remove":
            self.composer.write_out(chips[place].name)
            return
        self._take_off(chips[place], place)
        if self._chips():
            self.call_later(self.action_enclosed)  # there may be more to take off

    @on(EnclosedLine.RemoveClicked)
    def _take_off_clicked(self, message: EnclosedLine.RemoveClicked) -> None:
        self._take_off(message.chip, message.place)
        self.composer.focus()

    def _take_off(self, chip: Chip, place: int) -> None:
        """Let ``chip``, which has this place among the chips, not go with the prompt."""
        if chip.kind == "block":
            self.composer.take_out(chip.name)
            self._show_chips()
        elif chip.kind == "schema":
            self.enclose(replace(self._enclosed, schema=None, schema_name=""))
        else:
            files = self._enclosed.files
            self.enclose(replace(self._enclosed, files=files[:place] + files[place + 1 :]))
