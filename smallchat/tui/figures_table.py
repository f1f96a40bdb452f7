"""All figures of a session as a table: sorted by any column, as wide as there is room, or as text to copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rich.cells import cell_len, set_cell_size

from smallchat.metering.cost import usd_text
from smallchat.metering.timeline import Timeline
from smallchat.metering.wording import UNKNOWN, format_ms, format_price
from smallchat.safe_text import safe_line

if TYPE_CHECKING:
    from smallchat.metering.answer import Answer
    from smallchat.sessions.session import Session

GAP = "  "
WIDEST_NAME = 24
FIXED = 3  # columns that are always shown
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
    Column("cost is", lambda row: row.answer.cost.state, lambda row: row.answer.cost.state, right=False),
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
    return "" if value is None else safe_line(f"{value:.1f}" if isinstance(value, float) else str(value))


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns are shown, and how wide each is.

    Attributes:
        columns: Their places in ``COLUMNS``.
        widths: In cells.
        before: How many columns are out of sight after the fixed ones.
        after: How many are out of sight at the right.
    """

    columns: tuple[int, ...]
    widths: tuple[int, ...]
    before: int = 0
    after: int = 0

    def line(self, cells: Sequence[str]) -> str:
        """Return a line of the shown ones of ``cells``, one for each column there is."""
        parts = []
        for index, width in zip(self.columns, self.widths, strict=True):
            cell = set_cell_size(cells[index], min(width, cell_len(cells[index])))
            space = " " * (width - cell_len(cell))
            parts.append(space + cell if COLUMNS[index].right else cell + space)
        return GAP.join(parts)

    def column_at(self, x: int) -> int | None:
        """Return the column at ``x`` cells from the left."""
        end = 0
        for index, width in zip(self.columns, self.widths, strict=True):
            end += width + len(GAP)
            if x < end:
                return index
        return None


def lay_out(rows: Sequence[Row], width: int, before: int, reach: int = 0) -> Layout:
    """Return the columns that fit into ``width`` cells: the fixed ones, and neighbours of the others.

    Args:
        rows: What stands in the columns.
        width: The cells there are.
        before: How many columns after the fixed ones to leave out; fewer where there is room for them.
        reach: The column that must be seen.
    """
    widths = [
        max(cell_len(column.heading) + 2, *(cell_len(column.show(row)) for row in rows), 0)
        for column in COLUMNS
    ]
    widths[1] = min(widths[1], WIDEST_NAME)
    if width < 60:
        widths[1] = min(widths[1], 12)
    room = width - sum(widths[:FIXED]) - len(GAP) * (FIXED - 1)
    first, last = FIXED, len(COLUMNS)
    while first < last - 1 and first < FIXED + before and _room(widths, first, last) > room:
        first += 1
    if reach >= FIXED:
        first = min(first, reach)
        while first < reach and _room(widths, first, reach + 1) > room:
            first += 1
    while last > first + 1 and _room(widths, first, last) > room:
        last -= 1
    shown = (*range(FIXED), *range(first, last))
    return Layout(shown, tuple(widths[index] for index in shown), first - FIXED, len(COLUMNS) - last)


def _room(widths: Sequence[int], first: int, last: int) -> int:
    return sum(len(GAP) + width for width in widths[first:last])
