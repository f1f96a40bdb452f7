"""The score table: how often each model won a blind vote, what it costs and how fast it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from smallchat.metering.cost import UNKNOWN, format_usd
from smallchat.metering.wording import format_ms
from smallchat.safe_text import safe_line
from smallchat.sessions.scores import Score, count_votes, is_too_close
from smallchat.tui.latest import LatestOnly
from smallchat.tui.screens.base import SmallchatScreen
from smallchat.tui.table import Column, draw_table
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.lines import Line
from smallchat.tui.widgets.scrolling import Report

if TYPE_CHECKING:
    from smallchat.tui.backend import Backend


class ScoresScreen(SmallchatScreen):
    """Counts the votes of all sessions, or of one."""

    CSS_PATH = "scores.tcss"
    HELP = (
        "Votes come from blind turns. The interval says how far a win rate can be trusted; cost and speed "
        "are medians over the same turns."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,alt+s", "leave", "Back", id="leave_scores", tooltip="Go back to the panes"),
        Binding("a,tab", "change_scope", "All / this session", id="scores_scope",
                tooltip="Count the votes of all sessions, or of this one alone"),
        Binding("y", "copy_scores", "Copy", id="copy_scores", tooltip="Copy the table as it is shown"),
    ]  # fmt: skip

    @dataclass
    class Read(Message):
        """The votes were counted."""

        scores: list[Score]
        everywhere: bool

    def __init__(self, backend: Backend, session: str, key: str) -> None:
        """Count the votes of all sessions.

        Args:
            backend: Keeps them.
            session: The session in the panes; "" for none.
            key: The key that turns blind on there.
        """
        super().__init__()
        self._backend, self._session, self._key = backend, session, key
        self._everywhere = True
        self._reader = LatestOnly("smallchat-scores")
        self.scores: list[Score] | None = None

    def compose(self) -> ComposeResult:
        """Yield the parts from top to bottom."""
        yield Line(id="scores-title")
        with Report(id="scores-report"):
            yield Static("Counting…", id="scores-text", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin to count."""
        self.query_one("#scores-report").focus()
        self._count()

    def on_unmount(self) -> None:
        """End the thread."""
        self._reader.end()

    def find_obstacle(self, action: str, parameters: tuple[object, ...] = ()) -> str | None:
        """Return why ``action`` can not be done now."""
        if action == "change_scope" and not self._session:
            return "Nothing was said in the panes yet: these are the votes of all sessions."
        return super().find_obstacle(action, parameters)

    def _count(self) -> None:
        scope = "all sessions" if self._everywhere else "this session"
        title = Content.assemble(("Blind votes", "bold $accent"), (f"  {scope}", "$quiet"))
        self.query_one("#scores-title", Line).say(title)
        everywhere = self._everywhere
        self._reader.do(lambda: self._read(everywhere))

    def _read(self, everywhere: bool) -> None:
        store = self._backend.store
        sessions = store.voted() if everywhere else [store.load(self._session)]
        self.post_message(self.Read(count_votes(sessions), everywhere))

    @on(Read)
    def _take(self, message: Read) -> None:
        if message.everywhere == self._everywhere:
            self.scores = message.scores
            self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """Draw for another width."""
        self._draw()

    def _draw(self) -> None:
        if self.scores is None:
            return
        width = max(20, self.query_one("#scores-report").scrollable_content_region.width)
        if self.scores:
            lines = draw_scores(self.scores, width)
        else:
            where = "" if self._everywhere else " in this session"
            lines = _fold(
                f"No blind vote yet{where}. {self._key} in the panes hides the names: ask, then vote.",
                width,
                "",
            )
        self.query_one("#scores-text", Static).update(Content("\n").join(lines))

    def action_change_scope(self) -> None:
        """Count the votes of all sessions, or of this one alone."""
        self._everywhere = not self._everywhere
        self._count()

    def action_copy_scores(self) -> None:
        """Copy the table as it is shown."""
        text = "\n".join(line.plain for line in draw_scores(self.scores, 200)) if self.scores else ""
        self.copy(text, "score table")


def draw_scores(scores: Sequence[Score], width: int) -> list[Content]:
    """Return a line for each model, at most ``width`` cells wide, and what the votes allow to say."""
    columns = _columns(scores)
    lines = draw_table(columns, width)
    shown = lines[0].plain
    notes = []
    if is_too_close(list(scores)):
        first, second = (safe_line(score.model, 30) for score in scores[:2])
        notes.append(f"Too close to call between {first} and {second}.")
    notes.append("win rate [95 % interval]; cost, tok/s, TTFT: medians of these turns")
    if hidden := [column.heading for column in columns if column.heading not in shown]:
        notes.append(f"A wider window has {', '.join(hidden)} too.")
    lines += [line for note in notes for line in _fold(note, width, "$quiet")]
    return [line.truncate(width, ellipsis=True) for line in lines]


def _columns(scores: Sequence[Score]) -> list[Column]:
    """Return the table, a line for each of ``scores``."""
    standings = [score.standing for score in scores]
    costs = [format_usd(one.usd.middle) if one and one.usd else UNKNOWN for one in standings]
    rates = [f"{one.tokens_per_s.middle:,.1f}" if one and one.tokens_per_s else UNKNOWN for one in standings]
    times = [format_ms(one.ttft_ms.middle) if one and one.ttft_ms else UNKNOWN for one in standings]
    columns = [
        Column("MODEL", [safe_line(score.model, 40) for score in scores], right=False),
        Column("WIN RATE", [_format_rate(score) for score in scores]),
        Column("VOTES", [f"{score.votes:,}" for score in scores], rank=1),
        Column("COST", costs, rank=2),
        Column("TOK/S", rates, rank=3),
        Column("TTFT", times, rank=4),
    ]
    if any(score.checked for score in scores):
        valid = [f"{score.valid} of {score.checked}" if score.checked else UNKNOWN for score in scores]
        columns.append(Column("VALID", valid, rank=5))
    columns.append(Column("TIES", [f"{score.ties:,}" for score in scores], rank=6))
    columns.append(Column("ALL BAD", [f"{score.all_bad:,}" for score in scores], rank=7))
    return columns


def _fold(text: str, width: int, style: str) -> list[Content]:
    return [Content.styled(line, style) for line in wrap(text, width)]


def _format_rate(score: Score) -> str:
    low, high = score.interval
    return f"{score.win_rate:.0%} [{low:.0%}–{high:.0%}]"
