"""What was spent, in words: sums with the mark of their least certain part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smallchat.metering.cost import format_usd
from smallchat.metering.wording import format_sum

if TYPE_CHECKING:
    from smallchat.config.schema import BudgetSettings
    from smallchat.ledger.report import Report, Spent


def format_spent(spent: Spent) -> str:
    """Return the sum: ``$0.0123``, ``~$0.0123`` with estimates in it, ``≥$0.0123`` with lower bounds."""
    return format_sum(spent.total)


def describe_parts(spent: Spent) -> str:
    """Return the parts of the sum, if it is not exact as a whole, and what is not in it."""
    total = spent.total
    parts = [
        text
        for usd, text in (
            (total.exact, f"{format_usd(total.exact)} exact"),
            (total.estimated, f"~{format_usd(total.estimated)} estimated"),
            (total.lower_bound, f"≥{format_usd(total.lower_bound)} stopped or cut"),
        )
        if usd and (total.estimated or total.lower_bound)
    ]
    unknown = describe_unknown(spent)
    return " · ".join([*parts, *([unknown] if unknown else [])])


def describe_unknown(spent: Spent) -> str:
    """Return which answers are in no sum: ``2 without a price, 1 lost in a crash``."""
    counts = ((spent.total.unpriced, "without a price"), (spent.total.lost, "lost in a crash"))
    return ", ".join(f"{count} {what}" for count, what in counts if count)


def describe_pace(report: Report) -> str:
    """Return what 30 days cost: ``$4.10 in 30 days, as in the last 7 days``; "" when nothing tells."""
    if not report.pace or report.pace_days < 2:
        return ""
    return f"{format_usd(report.pace)} in 30 days, as in the last {report.pace_days} days"


def list_sums(report: Report, budget: BudgetSettings) -> list[list[str]]:
    """Return a row for today, this month and the last 30 days: its name, sum, cap and parts."""
    rows = (
        ("Today", report.spent_today, budget.day),
        ("This month", report.spent_month, budget.month),
        ("Last 30 days", report.spent_recent, None),
    )
    return [
        [name, format_spent(spent), "" if cap is None else f"of {format_usd(cap)}", describe_parts(spent)]
        for name, spent, cap in rows
    ]
