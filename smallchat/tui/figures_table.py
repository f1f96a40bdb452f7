"""All figures of a session as a table: its columns, sorted by any of them, or as text to copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from smallchat.metering.cost import UNKNOWN, usd_text
from smallchat.metering.timeline import Timeline
from smallchat.metering.wording import format_ms, format_price
from smallchat.safe_text import safe_line

if TYPE_CHECKING:
    from smallchat.metering.answer import Answer
    from smallchat.sessions.session import Session

TextKind = Literal["tsv", "markdown"]
Timelines = Mapping[tuple[int, int], Timeline]


@dataclass(frozen=True, slots=True)
class Row:
    """One answer of the session.

    Attributes:
        turn: The number of its turn.
        pane: Its pane's place.
        answer: The answer.
        chosen: Whether the conversation went on with it.
        timeline: When its parts happened, as far as that is known.
    """

    turn: int
    pane: int
    answer: Answer
    chosen: bool
    timeline: Timeline | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        heading: Its name.
        show: Returns its cell as people read it.
        value: Returns its cell as it is copied and sorted; ``None`` for what is not known.
        right: Whether it is a number.
    """

    heading: str
    show: Callable[[Row], str]
    value: Callable[[Row], float | str | None]
    right: bool = True


def _number(heading: str, value: Callable[[Answer], float | None], form: str = ",") -> Column:
    def show(row: Row) -> str:
        found = value(row.answer)
        return UNKNOWN if found is None else format(found, form)

    return Column(heading, show, lambda row: value(row.answer))


def _time(heading: str, value: Callable[[Answer], float | None]) -> Column:
    return Column(heading, lambda row: format_ms(value(row.answer)), lambda row: value(row.answer))


def _tokens(heading: str, name: str) -> Column:
    def value(row: Row) -> int | None:
        return getattr(row.answer.usage, name) if row.answer.usage else None

    def show(row: Row) -> str:
        usage, count = row.answer.usage, value(row)
        return UNKNOWN if usage is None else f"{'~' if usage.source == 'estimate' else ''}{count:,}"

    return Column(heading, show, value)


def _show_rate(row: Row) -> str:
    figures = row.answer.figures
    if figures.tokens_per_s is None:
        return UNKNOWN
    return f"{'~' if figures.estimated else ''}{figures.tokens_per_s:,.1f}"


def _usd(row: Row) -> float | None:
    usd = row.answer.cost.usd
    return None if usd is None else float(usd)  # to sort by; it is shown and copied exactly


_BEGINS_FORMULA = ("=", "+", "-", "@")  # a spreadsheet would reckon with a name that begins so
_VALID = {None: UNKNOWN, "yes": "✓ yes", "no": "✗ no"}


def _valid(row: Row) -> str | None:
    """Return whether an answer follows the JSON schema it was given; ``None`` for none, or if unchecked."""
    found = row.answer.schema
    return None if found is None or found.valid is None else "yes" if found.valid else "no"


COLUMNS: tuple[Column, ...] = (
    Column("turn", lambda row: str(row.turn), lambda row: row.turn),
    Column("model", lambda row: safe_line(row.answer.model, 60), lambda row: row.answer.model, right=False),
    Column(
        "status",
        lambda row: row.answer.status + ("" if row.chosen else " (other)"),
        lambda row: row.answer.status,
        right=False,
    ),
    _time("TTFT", lambda answer: answer.figures.ttft_ms),
    _time("TTFA", lambda answer: answer.figures.ttfa_ms),
    _time("total", lambda answer: answer.figures.total_ms),
    Column("tok/s", _show_rate, lambda row: row.answer.figures.tokens_per_s),
    _number("char/s", lambda answer: answer.figures.chars_per_s, ",.0f"),
    _tokens("in", "input"),
    _tokens("cached", "cached"),
    _tokens("out", "output"),
    Column("cost", lambda row: format_price(row.answer.cost), _usd),
    Column(
        "cost is",
        lambda row: row.answer.cost.state.replace("_", " "),
        lambda row: row.answer.cost.state,
        right=False,
    ),
    _number("stalls", lambda answer: answer.figures.stalls),
    _number("attempts", lambda answer: answer.attempts),
    Column("valid JSON", lambda row: _VALID[_valid(row)], _valid, right=False),
)


def read_rows(session: Session, timelines: Timelines) -> list[Row]:
    """Return the settled answers of ``session``, turn by turn; ``timelines`` are those of this run."""
    rows = []
    for turn in session.turns:
        others = set(map(id, turn.alternatives))
        for kept in sorted(turn.all_answers(), key=lambda kept: kept.pane):
            if not kept.running:
                timeline = _find_timeline(kept.answer, timelines.get((turn.number, kept.pane)))
                rows.append(Row(turn.number, kept.pane, kept.answer, id(kept) not in others, timeline))
    return rows


def _find_timeline(answer: Answer, known: Timeline | None) -> Timeline | None:
    """Return ``known`` if it is of this answer: a pane may have been asked again."""
    total = answer.figures.total_ms
    if known is not None and total is not None and abs(known.end_ms - total) < 0.1:
        return known
    return Timeline.of(answer.figures)


def sort_rows(rows: Sequence[Row], column: int, *, descending: bool) -> list[Row]:
    """Return ``rows`` sorted by a column, equal ones as they were; what is not known comes last."""
    value = COLUMNS[column].value
    known = [row for row in rows if value(row) is not None]
    known.sort(key=lambda row: value(row), reverse=descending)  # type: ignore[arg-type,return-value]
    return known + [row for row in rows if value(row) is None]


def write_table(rows: Sequence[Row], kind: TextKind) -> str:
    """Return the table as text: exact values for a spreadsheet, or as it is shown for people."""
    if kind == "tsv":
        lines = ["\t".join(column.heading for column in COLUMNS)]
        lines += ["\t".join(_plain(column, row) for column in COLUMNS) for row in rows]
    else:
        lines = [_markdown_row([column.heading for column in COLUMNS])]
        lines.append("|" + "|".join("--:" if column.right else "---" for column in COLUMNS) + "|")
        lines += [_markdown_row([column.show(row) for column in COLUMNS]) for row in rows]
    return "\n".join(lines) + "\n"


def _plain(column: Column, row: Row) -> str:
    if column.heading == "cost":
        return "" if row.answer.cost.usd is None else usd_text(row.answer.cost.usd)
    value = column.value(row)
    text = "" if value is None else safe_line(f"{value:.1f}" if isinstance(value, float) else str(value))
    return f"'{text}" if isinstance(value, str) and text.startswith(_BEGINS_FORMULA) else text


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
