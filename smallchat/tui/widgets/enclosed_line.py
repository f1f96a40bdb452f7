"""What goes with the next prompt, as labelled chips above the composer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from textual import events
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widget import Widget

from smallchat.safe_text import safe_line
from smallchat.tui.enclosed import Enclosed

LONGEST_NAME = 32
_SIGNS = {"image": "▣", "text": "≡", "block": "¶", "schema": "{}"}
_META = "chip"
_MORE_CELLS = 10  # for how many are not shown

ChipKind = Literal["image", "text", "block", "schema"]


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that goes with the prompt.

    Attributes:
        kind: What it is.
        name: The file's name, or the label of a pasted block.
        about: Its size and tokens.
    """

    kind: ChipKind
    name: str
    about: str

    def __str__(self) -> str:
        name = safe_line(self.name.strip("[]"), 80)
        name = name if len(name) <= LONGEST_NAME or self.kind == "block" else f"{name[: LONGEST_NAME - 1]}…"
        return f"{_SIGNS[self.kind]} {name}{' · ' if self.about else ''}{self.about}"

    @property
    def short(self) -> str:
        """Its sign and its name alone."""
        name = safe_line(self.name.strip("[]").partition(":")[0] if self.kind == "block" else self.name, 80)
        return f"{_SIGNS[self.kind]} {name if len(name) <= LONGEST_NAME // 2 else name[:15] + '…'}"


def list_chips(enclosed: Enclosed, tokens: Sequence[int], blocks: Mapping[str, str]) -> list[Chip]:
    """Return a chip for each file of ``enclosed``, its schema, and each pasted block.

    Args:
        enclosed: What goes with the prompt.
        tokens: The estimated tokens of each file.
        blocks: Pasted texts by their labels.
    """
    chips: list[Chip] = []
    if enclosed.files:
        from smallchat.engine.attaching import format_size

        for file, count in zip(enclosed.files, tokens, strict=True):
            kind: ChipKind = "text" if file.image is None else "image"
            told = f"~{count:,} token{'' if count == 1 else 's'}"
            chips.append(Chip(kind, file.name, f"{format_size(file.size)} · {told}"))
    chips += [Chip("block", label, "") for label in blocks]
    if enclosed.schema is not None:
        chips.append(Chip("schema", enclosed.schema_name, "answers follow it"))
    return chips


class EnclosedLine(Widget):
    """Shows the chips on one line; without any it takes no room. A click lists them, or takes one off."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    EnclosedLine { height: 1; padding: 0 1; display: none; }
    EnclosedLine.-some { display: block; }
    """

    class Clicked(Message):
        """The user wants to see what goes with the prompt."""

    @dataclass
    class RemoveClicked(Message):
        """The user does not want a chip, at this place among them, to go with the prompt."""

        chip: Chip
        place: int

    def __init__(self) -> None:
        super().__init__(id="enclosed", markup=False)
        self._chips: tuple[Chip, ...] = ()
        self._key = ""

    def show(self, chips: Sequence[Chip], key: str) -> None:
        """Show ``chips``, and that ``key`` lists them."""
        if (tuple(chips), key) != (self._chips, self._key):
            self._chips, self._key = tuple(chips), key
            self.set_class(bool(chips), "-some")
            self.refresh()

    def render(self) -> Content:
        """Return the chips that fit, by their names alone if then more of them do, and how many do not."""
        room = self.content_size.width
        line, shown = self._lay_out(str, room)
        if shown < len(self._chips):
            line, shown = self._lay_out(lambda chip: chip.short, room)
        if shown < len(self._chips):
            line = line + Content.styled(f"+{len(self._chips) - shown} more", "$quiet")
        end = Content.styled(f"  {self._key} lists them" if self._key else "", "$quiet")
        if line.cell_length + end.cell_length <= room:
            line = line + end
        return line.truncate(room, ellipsis=True)

    def _lay_out(self, write: Callable[[Chip], str], room: int) -> tuple[Content, int]:
        """Return the first chips, as many as fit into ``room`` cells but at least one, and how many."""
        line, shown = Content(""), 0
        for place, chip in enumerate(self._chips):
            more = place + 1 < len(self._chips)
            cross = Content.styled("✕ ", "$quiet").stylize(Style.from_meta({_META: place}))
            piece = Content.assemble(f" {write(chip)} ", cross).stylize_before("$foreground on $panel")
            if shown and line.cell_length + piece.cell_length + (_MORE_CELLS if more else 0) > room:
                break
            line, shown = Content.assemble(line, piece, " " if more else ""), shown + 1
        return line, shown

    def on_click(self, event: events.Click) -> None:
        """List the chips, or take off the one whose cross was clicked."""
        event.stop()
        place = event.style.meta.get(_META)
        if isinstance(place, int) and place < len(self._chips):
            self.post_message(self.RemoveClicked(self._chips[place], place))
        else:
            self.post_message(self.Clicked())
