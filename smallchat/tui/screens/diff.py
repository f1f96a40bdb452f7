"""The diff screen: the words in which two of the last answers differ."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from smallchat.safe_text import safe_line
from smallchat.tui.diff_layout import Page, lay_beside, lay_inline
from smallchat.tui.latest import LatestOnly
from smallchat.tui.screens.base import SmallchatScreen
from smallchat.tui.widgets.diff_lines import DiffLines
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.lines import Line
from smallchat.tui.widgets.row_list import RowList
from smallchat.tui.widgets.target_line import NARROW, TargetLine, as_target
from smallchat.tui.word_diff import Piece, count_words, diff_words, split_words

NARROWEST_SIDES = 60  # columns; below that the texts stand in one


@dataclass(frozen=True, slots=True)
class Side:
    """One answer: whose it is, and its text as it was received."""

    name: str
    text: str


class DiffScreen(SmallchatScreen):
    """Compares two answers word by word, in a thread."""

    CSS_PATH = "diff.tcss"
    HELP = (
        "[-words-] are in the first answer only, {+words+} in the second only. "
        "Where both begin a line alike, the lines stand at the same height."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,alt+y", "leave", "Back", id="leave_diff", tooltip="Go back to the panes"),
        Binding("n", "turn_difference(1)", "Next difference", id="next_difference",
                tooltip="Go to the next words that differ"),
        Binding("N", "turn_difference(-1)", "Difference before", id="previous_difference", show=False,
                key_display="N", tooltip="Go to the words before that differ"),
        Binding("tab,right", "turn_pair(1)", "Next pair", id="next_pair",
                tooltip="Compare two other answers"),
        Binding("shift+tab,left", "turn_pair(-1)", "Pair before", id="previous_pair", show=False,
                tooltip="Compare the two answers before"),
        Binding("s", "change_view", "Layout", id="diff_view",
                tooltip="Show the answers side by side, or as one text"),
        Binding("x", "swap", "Swap", id="swap_sides", tooltip="Let the two answers change sides"),
    ]  # fmt: skip

    @dataclass
    class Compared(Message):
        """Two answers were compared, and wrapped for a width."""

        pair: tuple[int, int]
        pieces: list[Piece]

    @dataclass
    class Wrapped(Message):
        """The lines for a view are ready."""

        page: Page
        view: tuple[tuple[int, int], bool, int]

    def __init__(self, sides: Sequence[Side]) -> None:
        """Compare two of ``sides``, the first two to begin with."""
        super().__init__()
        self._sides = sides
        self._pairs = list(combinations(range(len(sides)), 2))
        self._pair = self._pairs[0]
        self._beside = True
        self._worker = LatestOnly("smallchat-diff")
        self._pieces: dict[tuple[int, int], list[Piece]] = {}
        self.lines = DiffLines()

    def compose(self) -> ComposeResult:
        """Yield the parts from top to bottom."""
        yield TargetLine(id="diff-title")
        yield TargetLine(id="diff-counts")
        yield self.lines
        yield KeyBar(("next_difference", "leave_diff", "next_pair", "diff_view"))

    def on_mount(self) -> None:
        """Begin with the first pair."""
        self.lines.focus()
        self._show()

    def on_unmount(self) -> None:
        """End the thread."""
        self._worker.end()

    def find_obstacle(self, action: str, parameters: tuple[object, ...] = ()) -> str | None:
        """Return why ``action`` can not be done now."""
        if action == "turn_difference" and not self.lines.page.places:
            return "No word differs."
        if action == "turn_pair" and len(self._pairs) == 1:
            return "There are two answers only."
        return super().find_obstacle(action, parameters)

    def _view(self) -> tuple[tuple[int, int], bool, int]:
        width = max(10, self.size.width - 4)
        return self._pair, self._beside and width >= NARROWEST_SIDES, width

    def _show(self) -> None:
        first, second = (safe_line(self._sides[index].name, 40) for index in self._pair)
        roomy = self.size.width >= NARROW
        title = Content.assemble(
            ("Diff  " if roomy else "", "bold $accent"),
            (f"[-{first}-]", "bold $error"),
            ("  {+", "bold $success"),
            (f"{second}+}}", "bold $success"),
        )
        how = Content("")
        if roomy:
            how = as_target("side by side" if self._view()[1] else "inline", "change_view", "$quiet")
        if (count := len(self._pairs)) > 1:
            place = self._pairs.index((min(self._pair), max(self._pair))) + 1
            words = f"pair {place} of {count}" if roomy else f"{place}/{count}"
            how = Content.assemble(how, "  ", _between_arrows(words, "turn_pair"))
        self.query_one("#diff-title", Line).say(title, how)
        if self._pair not in self._pieces:
            self.query_one("#diff-counts", Line).say(Content.styled("Comparing…", "$quiet"))
        self._worker.do(partial(self._work, self._view(), self._pieces.get(self._pair)))

    def _work(self, view: tuple[tuple[int, int], bool, int], pieces: list[Piece] | None) -> None:
        pair, beside, width = view
        if pieces is None:
            left, right = (split_words(self._sides[index].text) for index in pair)
            pieces = diff_words(left, right)
            self.post_message(self.Compared(pair, pieces))
        page = lay_beside(pieces, width) if beside else lay_inline(pieces, width)
        self.post_message(self.Wrapped(page, view))

    @on(Compared)
    def _keep(self, message: Compared) -> None:
        self._pieces[message.pair] = message.pieces

    @on(Wrapped)
    def _show_lines(self, message: Wrapped) -> None:
        if message.view != self._view():
            return
        self.lines.show(message.page)
        self._tell_counts()
        self.refresh_bindings()

    @on(RowList.Moved)
    def _tell_counts(self) -> None:
        """Show how much differs, and at which difference the cursor is."""
        if self._pair not in self._pieces or not self.lines.row_count:
            return
        counts, places = count_words(self._pieces[self._pair]), self.lines.page.places
        told = f"{counts['same']:,} words alike · −{counts['removed']:,} +{counts['added']:,}"
        passed = bisect_right(places, self.lines.cursor)
        where = Content("")
        if not counts["removed"] + counts["added"]:
            told = f"{counts['same']:,} words, all the same"
        elif places:
            words = f"place {passed:,} of {len(places):,}" if passed else f"{len(places):,} to see"
            where = _between_arrows(words, "turn_difference")
        self.query_one("#diff-counts", Line).say(Content.styled(told, "$quiet"), where)

    def on_resize(self, event: events.Resize) -> None:
        """Wrap for another width."""
        self._show()

    def action_change_view(self) -> None:
        """Show the answers side by side, or as one text."""
        self._beside = not self._beside
        if self._beside and not self._view()[1]:
            self.toast(f"Side by side needs {NARROWEST_SIDES + 4} columns.")
        self._show()

    def action_turn_difference(self, step: int) -> None:
        """Go to the next words that differ, or to those before; after the last come the first."""
        places, here = self.lines.page.places, self.lines.cursor
        if step > 0:
            found = next((place for place in places if place > here), places[0])
        else:
            found = next((place for place in reversed(places) if place < here), places[-1])
        self.lines.turn_to(found)

    def action_turn_pair(self, step: int) -> None:
        """Compare two other answers."""
        here = self._pairs.index((min(self._pair), max(self._pair)))
        self._pair = self._pairs[(here + step) % len(self._pairs)]
        self._show()

    def action_swap(self) -> None:
        """Let the two answers change sides."""
        self._pair = (self._pair[1], self._pair[0])
        self._show()


def _between_arrows(words: str, action: str) -> Content:
    """Return ``words`` between arrows that do ``action`` backwards and forwards."""
    before, after = as_target("◂ ", f"{action}(-1)"), as_target(" ▸", f"{action}(1)")
    return Content.assemble(before, (words, "$quiet"), after)
