"""A session on a line: which columns fit, and what stands in them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from smallchat.metering.wording import format_sum
from smallchat.safe_text import safe_line
from smallchat.tui.ago import format_ago, format_day, format_time
from smallchat.tui.widgets.lines import spread

if TYPE_CHECKING:
    from smallchat.sessions.summary import Match, Summary

NARROW = 72  # cells; below that a session takes two lines
_WITH_DATE = 108
_GAP = "  "


def render_head(width: int) -> Content:
    """Return the names of the columns, for rows of one line."""
    names = ("title", "models", "cost", "turns", "last used")
    return Content.styled(_fit(names, width).plain, "$quiet")


def render_session(summary: Summary, width: int, now: datetime) -> tuple[Content, ...]:
    """Return the one line of a session, or two where it is narrow."""
    cost, when = format_sum(summary.total), format_ago(summary.used, now)
    title, models = safe_line(summary.title), safe_line(", ".join(summary.models))
    if width >= NARROW:
        if width >= _WITH_DATE:
            when = "" if when == format_day(summary.used) else when
            when = f"{when:<12}{format_time(summary.used)}"
        return (_fit((title, models, cost, f"{summary.turns:,}", when), width),)
    turns = f"{summary.turns:,} turn{'' if summary.turns == 1 else 's'}"
    second = Content.styled(f"{when} · {turns} · {models}", "$quiet")
    return spread(Content(title), Content.styled(cost, "$quiet"), width), second.truncate(
        width, ellipsis=True
    )


def render_match(match: Match, width: int, now: datetime) -> tuple[Content, ...]:
    """Return a session and, below it, the words that were found in it."""
    summary = match.session
    if width >= NARROW:
        head = render_session(summary, width, now)[0]
    else:
        when = Content.styled(format_ago(summary.used, now), "$quiet")
        head = spread(Content(safe_line(summary.title)), when, width)
    return head, _render_snippet(match, width).truncate(width, ellipsis=True)


def describe_session(summary: Summary) -> str:
    """Return all that a list knows of a session, on one safe line."""
    models = ", ".join(summary.models)
    return safe_line(f"{summary.id} · begun {format_time(summary.created)} · {summary.mode} · {models}", 300)


def _render_snippet(match: Match, width: int) -> Content:
    author = (
        f"  {safe_line(match.model, 40)}: " if match.model else "  asked: " if match.turn else "  title: "
    )
    # Made safe again piece by piece: the places of the words must stay true.
    parts: list[Content | str | tuple[str, str]] = [(author, "$quiet")]
    at = 0
    if match.spans and (ahead := match.spans[0][0]) + len(author) > width * 2 // 3:
        at = ahead - width // 6  # what was found is to be seen
        parts.append(("…", "$quiet"))
    for start, end in match.spans:
        parts.append((_keep_spaces(match.snippet[at:start]), "$quiet"))
        parts.append((_keep_spaces(match.snippet[start:end]), "bold $accent"))
        at = end
    parts.append((_keep_spaces(match.snippet[at:]), "$quiet"))
    return Content.assemble(*parts)


def _keep_spaces(piece: str) -> str:
    lead, trail = piece[: len(piece) - len(piece.lstrip())], piece[len(piece.rstrip()) :]
    return f"{lead and ' '}{safe_line(piece, 2000)}{trail and ' '}" if piece.strip() else lead and " "


def _fit(cells: tuple[str, str, str, str, str], width: int) -> Content:
    """Return title, models, cost, turns and when in columns, the title with what the others leave."""
    title, models, cost, turns, when = cells
    when_width = 28 if width >= _WITH_DATE else 12
    models_width = min(40, width // 4)
    title_width = width - models_width - 9 - 5 - when_width - 4 * len(_GAP)
    return Content.assemble(
        _cell(title, title_width),
        _GAP,
        _cell(models, models_width).stylize("$quiet"),
        _GAP,
        f"{cost:>9}",
        _GAP,
        (f"{turns:>5}", "$quiet"),
        _GAP,
        _cell(when, when_width).stylize("$quiet"),
    )


def _cell(text: str, width: int) -> Content:
    content = Content(text).truncate(width, ellipsis=True)
    return content.pad_right(width - content.cell_length)
