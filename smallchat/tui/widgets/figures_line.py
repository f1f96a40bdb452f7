"""The figures of a pane's last answer: four lines at its foot, two where the screen is low."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from smallchat.safe_text import safe_line
from smallchat.tui.widgets.lines import spread

if TYPE_CHECKING:
    from smallchat.metering.answer import Answer, Cost, Figures
    from smallchat.metering.cost import Total
    from smallchat.metering.usage import Usage
    from smallchat.tui.marks import Mark

MARKS: dict[Mark | str, str] = {"first": "▲ first", "fastest": "▲ fastest", "cheapest": "▲ cheapest"}
MORE = " ↓ more below "  # where the transcript does not follow its end
_EMPTY = Content("")
_NO_SPEEDS = ("TTFT –", "– tok/s", "–")
_NO_TOKENS = "– in · – out"


@dataclass(frozen=True, slots=True)
class Reading:
    """What is shown of one answer.

    Attributes:
        figures: The clock's findings.
        usage: Tokens.
        cost: The price.
        live: Whether the answer still runs, so that token figures are estimates.
    """

    figures: Figures
    usage: Usage | None
    cost: Cost | None
    live: bool

    @classmethod
    def of(cls, answer: Answer) -> Reading:
        """Return what is shown of a settled answer."""
        return cls(answer.figures, answer.usage, answer.cost, live=False)


class FiguresLine(Widget):
    """TTFT, tok/s, tokens and cost of one pane, its marks of this run, and its session's total."""

    class EndWanted(Message):
        """The user wants to see the end of the transcript above."""

    class Clicked(Message):
        """The user wants to see all figures."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    FiguresLine { height: 4; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._reading: Reading | None = None
        self._marks: tuple[Mark, ...] = ()
        self._total: Total | None = None
        self._note = ""
        self._following = True
        self.tooltip = "A click shows all figures of this session"

    def on_click(self, event: events.Click) -> None:
        """Tell that more figures are asked for, or the end of the transcript."""
        on_rule = event.y == 0 and self.content_size.height > 2
        self.post_message(self.EndWanted() if on_rule and not self._following else self.Clicked())

    def follow(self, following: bool) -> None:
        """Show whether the transcript above follows its end."""
        self._following = following
        self.refresh()

    def show(self, reading: Reading | None) -> None:
        """Show the figures of an answer, running or settled; ``None`` shows that nothing is known."""
        self._reading = reading
        self.refresh()

    def mark(self, marks: Sequence[Mark]) -> None:
        """Show which marks this answer earned in this run."""
        self._marks = tuple(marks)
        self.refresh()

    def add_up(self, total: Total) -> None:
        """Show the pane's total of this session."""
        self._total = total
        self.refresh()

    def note(self, text: str) -> None:
        """Show a standing note, such as that local panes share a CPU."""
        self._note = safe_line(text)
        self.refresh()

    def render(self) -> Content:
        """Return as many lines as there is room for."""
        width, height = self.content_size
        lines = [self._render_speeds(width), self._render_tokens(width)]
        if height > 2:
            lines = [self._render_rule(width), *lines, self._render_marks(width)]
        return Content("\n").join(lines[: max(1, height)])

    def _render_rule(self, width: int) -> Content:
        total = ""
        if self._total is not None and self._total_tells_more(self._total):
            from smallchat.metering.wording import format_total

            total = f" all turns {format_total(self._total)} "
        total = total if len(total) < width else ""
        more = "" if self._following or len(total) + len(MORE) + 2 > width else MORE
        left = max(0, width - len(total) - len(more) - 1)
        return Content.assemble(
            ("─" * min(1, left), "$line"),
            (more, "$accent"),
            ("─" * (left - min(1, left)), "$line"),
            (total, "$quiet"),
            ("─", "$line"),
        )

    def _total_tells_more(self, total: Total) -> bool:
        """Return whether ``total`` is of other answers than the one whose price is shown."""
        from smallchat.metering.cost import Total

        cost = self._reading.cost if self._reading else None
        return total not in (Total(), Total().plus(cost) if cost else Total())

    def _render_speeds(self, width: int) -> Content:
        first, rate, price = self._format_speeds()
        if not self._price_fits_beside_speeds(width):
            price = ""  # then it stands beside the tokens
        style = "$foreground" if self._reading and self._reading.figures.ttft_ms is not None else "$quiet"
        # The time of the first answer text is the first to go where all three do not fit.
        if len(first) + len(rate) + len(price) + 4 > width:
            first = first.partition(" · ")[0]
        return spread(Content.styled(f"{first}  {rate}", style), Content.styled(price, style), width)

    def _price_fits_beside_speeds(self, width: int) -> bool:
        first, rate, price = self._format_speeds()
        return len(first.partition(" · ")[0]) + len(rate) + len(price) + 4 <= width

    def _format_speeds(self) -> tuple[str, str, str]:
        if self._reading is None:
            return _NO_SPEEDS
        from smallchat.metering.wording import format_first_token, format_price, format_rate

        figures = self._reading.figures
        rate = format_rate(figures.tokens_per_s, figures.estimated)
        return format_first_token(figures), rate, format_price(self._reading.cost)

    def _render_tokens(self, width: int) -> Content:
        text = _NO_TOKENS
        if self._reading is not None:
            from smallchat.metering.wording import format_char_rate, format_usage

            text = format_usage(self._reading.usage, self._reading.live)
            speed = format_char_rate(self._reading.figures)
            if speed and len(text) + len(speed) + 5 <= width:
                text += f" · {speed}"
        tokens = Content.styled(text, "$quiet")
        if not self._price_fits_beside_speeds(width):
            return spread(tokens, Content.styled(self._format_speeds()[2], "$foreground"), width)
        if self.content_size.height > 2:
            return tokens.truncate(width, ellipsis=True)
        return spread(tokens, self._render_marks(width, short=True), width)

    def _render_marks(self, width: int, short: bool = False) -> Content:
        if self._marks:
            told = " ".join(MARKS[mark] for mark in self._marks)
            prefix = "" if short and len(told) + 10 > width else "this run "
            line = Content.assemble((prefix, "$quiet"), (told, "$accent"))
        elif short or not self._note:
            return _EMPTY
        else:
            line = Content.styled(self._note, "$quiet")
        return line.truncate(width, ellipsis=True)
