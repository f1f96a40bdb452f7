"""What the spend screen says: read from the ledger in a thread, laid out for any width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from textual.content import Content

from smallchat.ledger.sparkline import draw_sparkline
from smallchat.ledger.wording import describe_pace, describe_parts, describe_unknown, format_spent
from smallchat.metering.cost import format_usd
from smallchat.safe_text import safe_line
from smallchat.tui.table import WIDEST_NAME, Column, draw_table

if TYPE_CHECKING:
    from smallchat.config.schema import BudgetSettings
    from smallchat.ledger.report import Elsewhere, Group, Report, Spent
    from smallchat.tui.backend import Backend

View = Literal["model", "day", "session", "elsewhere"]

MOST_ROWS = 200
BAR_CELLS = 15
LABEL_CELLS = 14
NOT_KEPT = "(not kept)"


@dataclass(frozen=True, slots=True)
class Spending:
    """What one view of the spend screen shows.

    Attributes:
        view: Which view.
        report: What was spent.
        budget: The caps.
        titles: Titles of sessions by their ids.
        elsewhere: What the same tokens would have cost on other models.
    """

    view: View
    report: Report
    budget: BudgetSettings
    titles: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Sequence[Elsewhere] = ()


def read_spending(backend: Backend, view: View) -> Spending:
    """Read what ``view`` shows. For a thread: it reads the ledger, and prices and titles where they matter.

    Raises:
        LedgerTrouble: The ledger can not be read.
    """
    from smallchat.ledger.reading import SpendReader

    services = backend.services
    elsewhere: Sequence[Elsewhere] = ()
    with SpendReader(services.data_dir) as reader:
        report = reader.report("model" if view == "elsewhere" else view)
        if view == "elsewhere" and report.spent_recent.answers:
            elsewhere = reader.elsewhere(services.prices.list_prices(services.catalog.models()))
    titles = {kept.id: kept.title for kept in backend.store.list()} if view == "session" else {}
    return Spending(view, report, services.settings.budget, titles, elsewhere)


def lay_out(spending: Spending, width: int) -> Content:
    """Return the whole report, its lines at most ``width`` cells wide."""
    head = _list_head(spending, width)
    lines = [*head, *([Content("")] if head else []), *_list_rows(spending, width)]
    return Content("\n").join(line.truncate(width, ellipsis=True) for line in lines)


def _list_head(spending: Spending, width: int) -> list[Content]:
    report, recent = spending.report, spending.report.spent_recent
    caps = spending.budget.day is not None or spending.budget.month is not None
    if not (recent.answers or recent.total.lost or caps):
        return []
    lines = draw_table(_sum_columns(report, spending.budget), width)
    if not any("EXACT" in str(line) for line in lines[:1]) and (parts := describe_parts(recent)):
        lines += [Content.styled(f"  {part}", "$quiet") for part in parts.split(" · ")]
    elif unknown := describe_unknown(recent):
        lines.append(Content.styled(f"not in these sums: {unknown}", "$quiet"))
    facts = []
    if recent.total.usd:
        days = draw_sparkline([usd for _, usd in report.days])
        facts.append(("Each day", days[-max(7, width - LABEL_CELLS) :], "$accent"))
    if pace := describe_pace(report):
        facts.append(("At this pace", pace, ""))
    if report.reserved:
        facts.append(("Set aside", f"{format_usd(report.reserved)} for answers that still run", ""))
    return [
        *lines,
        *(
            Content.assemble((name.ljust(LABEL_CELLS), "$quiet"), (text, style))
            for name, text, style in facts
        ),
    ]


def _sum_columns(report: Report, budget: BudgetSettings) -> list[Column]:
    spent = [report.spent_today, report.spent_month, report.spent_recent]
    caps = ["" if cap is None else f"of {format_usd(cap)}" for cap in (budget.day, budget.month, None)]
    return [
        Column("", ["Today", "This month", "Last 30 days"], right=False),
        Column("COST", [format_spent(one) for one in spent]),
        Column("", caps, 1, right=False),
        *_part_columns(spent),
    ]


def _part_columns(spent: Sequence[Spent]) -> list[Column]:
    """Return what the sums are made of; nothing where all of it is exact."""
    if not any(one.total.estimated or one.total.lower_bound for one in spent):
        return []
    return [
        Column("EXACT", [_part(one.total.exact) for one in spent], 2),
        Column("~ESTIMATED", [_part(one.total.estimated) for one in spent], 2),
        Column("≥AT LEAST", [_part(one.total.lower_bound) for one in spent], 2),
    ]


def _list_rows(spending: Spending, width: int) -> list[Content]:
    if not spending.report.groups:
        return [Content.styled("Nothing was spent in the last 30 days.", "$quiet")]
    if spending.view == "elsewhere":
        told = "The tokens of the last 30 days would have cost:"
        return [Content.styled(told, "$quiet"), *draw_table(_elsewhere_columns(spending.elsewhere), width)]
    groups = spending.report.groups
    lines = draw_table(_group_columns(spending, groups[:MOST_ROWS]), width)
    if (more := len(groups) - MOST_ROWS) > 0:
        lines.append(Content.styled(f"… and {more:,} more: smallchat spend --by {spending.view}", "$quiet"))
    return lines


def _group_columns(spending: Spending, groups: Sequence[Group]) -> list[Column]:
    spent = [group.spent for group in groups]
    names = [_name(spending, group.name) for group in groups]
    most = max((one.total.usd for one in spent), default=Decimal(0))
    bars = ["━" * _bar_cells(one.total.usd, most) for one in spent]
    ids = [safe_line(group.name, 16) for group in groups] if spending.view == "session" else []
    return [
        Column(spending.view.upper(), names, right=False),
        Column("", bars if spending.view == "day" else [], 1, right=False),
        Column("COST", [format_spent(one) for one in spent]),
        *_part_columns(spent),
        Column("ANSWERS", [f"{one.answers:,}" for one in spent], 3),
        Column("IN", [f"{one.tokens.input:,}" for one in spent], 4),
        Column("OUT", [f"{one.tokens.output:,}" for one in spent], 4),
        Column("ID", ids, 1, right=False),
        Column("", [describe_unknown(one) for one in spent], 5, right=False),
    ]


def _elsewhere_columns(elsewhere: Sequence[Elsewhere]) -> list[Column]:
    return [
        Column("ON", [safe_line(other.model, WIDEST_NAME) for other in elsewhere], right=False),
        Column("COST", [format_usd(other.usd) for other in elsewhere]),
        Column(
            "AS A BATCH", ["" if not other.batch_usd else format_usd(other.batch_usd) for other in elsewhere]
        ),
        Column("PRICE OF", [_price_date(other) for other in elsewhere], 1, right=False),
    ]


def _name(spending: Spending, name: str) -> str:
    if spending.view == "session":
        name = spending.titles.get(name, NOT_KEPT)
    return safe_line(name, WIDEST_NAME)


def _part(usd: Decimal) -> str:
    return format_usd(usd) if usd else ""


def _bar_cells(usd: Decimal, most: Decimal) -> int:
    return max(1, round(usd / most * BAR_CELLS)) if usd and most else 0


def _price_date(other: Elsewhere) -> str:
    return str(other.price.as_of) if other.price.as_of else other.price.source
