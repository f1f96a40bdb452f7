"""``smallchat spend``: what was spent, at which pace, and what it would have cost elsewhere."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smallchat.catalog.model import Price
    from smallchat.config.schema import BudgetSettings, Settings
    from smallchat.ledger.report import Elsewhere, Group, Report, Spent

EXIT_FAILED = 1
GAP = "  "


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give ``parser`` the arguments of this command."""
    parser.add_argument(
        "--by",
        choices=("model", "day", "session"),
        default="model",
        help="what to list the last 30 days by (model)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print the report and return the exit code."""
    from smallchat.config.paths import config_file, data_dir
    from smallchat.config.reading import load_settings
    from smallchat.ledger.reading import SpendReader
    from smallchat.ledger.trouble import LedgerTrouble

    settings = load_settings(config_file(options.config), must_exist=options.config is not None)
    try:
        with SpendReader(data_dir()) as reader:
            report = reader.report(options.by)
            elsewhere = reader.elsewhere(known_prices(settings)) if report.spent_recent.answers else ()
    except LedgerTrouble as trouble:
        sys.stderr.write(f"smallchat: {trouble}\n")
        return EXIT_FAILED
    if options.json:
        import json

        sys.stdout.write(json.dumps(to_json(report, elsewhere, settings.budget), indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in to_lines(report, elsewhere, settings.budget))
    return 0


def known_prices(settings: Settings) -> dict[str, Price]:
    """Return the price of every model that has one and is still served, by name."""
    from smallchat.catalog.catalog import Catalog
    from smallchat.catalog.prices import PriceBook
    from smallchat.config.provider import Providers

    return PriceBook(Providers(settings, os.environ)).list_prices(Catalog(settings).models())


def to_json(report: Report, elsewhere: Sequence[Elsewhere], budget: BudgetSettings) -> dict[str, Any]:
    """Return everything, ready for ``json.dumps``: US dollars as decimal strings."""
    from smallchat.metering.cost import usd_text

    return {
        "today": _spent_record(report.spent_today),
        "month": _spent_record(report.spent_month),
        "last_30_days": _spent_record(report.spent_recent),
        "pace": {"days": report.pace_days, "usd_per_30_days": usd_text(report.pace)},
        "reserved_usd": usd_text(report.reserved),
        "caps": {
            period: usd_text(cap) if (cap := getattr(budget, period)) is not None else None
            for period in ("per_send", "session", "day", "month")
        },
        "days": [{"day": day.isoformat(), "usd": usd_text(usd)} for day, usd in report.days],
        "by": report.by,
        "groups": [{report.by: group.name, **_spent_record(group.spent)} for group in report.groups],
        "elsewhere": [
            {
                "model": other.model,
                "usd": usd_text(other.usd),
                "batch_usd": usd_text(other.batch_usd) if other.batch_usd is not None else None,
                "price_as_of": other.price.as_of and other.price.as_of.isoformat(),
                "price_source": other.price.source,
            }
            for other in elsewhere
        ],
    }


def to_lines(report: Report, elsewhere: Sequence[Elsewhere], budget: BudgetSettings) -> list[str]:
    """Return the report as text."""
    from smallchat.ledger.sparkline import draw_sparkline
    from smallchat.ledger.wording import describe_pace, list_sums
    from smallchat.metering.cost import format_usd

    lines = _align(list_sums(report, budget), right=(1,))
    if report.spent_recent.total.usd:
        lines.append(f"Each day      {draw_sparkline([usd for _, usd in report.days])}")
    if pace := describe_pace(report):
        lines.append(f"At this pace  {pace}")
    if report.reserved:
        lines.append(f"Set aside     {format_usd(report.reserved)} for answers that still run")
    if report.groups:
        lines += ["", *_group_lines(report.by, report.groups)]
    if elsewhere:
        lines += [
            "",
            "The same tokens, counted as they were, on every known model",
            *_elsewhere_lines(elsewhere),
        ]
    return lines


def _group_lines(by: str, groups: Sequence[Group]) -> list[str]:
    from smallchat.ledger.wording import describe_unknown, format_spent
    from smallchat.metering.cost import format_usd
    from smallchat.safe_text import safe_line

    parts = ["EXACT", "~ESTIMATED", "≥AT LEAST"]
    if not any(group.spent.total.estimated or group.spent.total.lower_bound for group in groups):
        parts = []  # all of it is exact
    heading = [by.upper(), "COST", *parts, "ANSWERS", "TOKENS IN", "OUT", ""]
    rows = [
        [
            safe_line(group.name, 44),
            format_spent(group.spent),
            *(format_usd(usd) if usd else "" for usd in sums[: len(parts)]),
            str(group.spent.answers),
            f"{group.spent.tokens.input:,}",
            f"{group.spent.tokens.output:,}",
            describe_unknown(group.spent),
        ]
        for group in groups
        for total in [group.spent.total]
        for sums in [(total.exact, total.estimated, total.lower_bound)]
    ]
    return _align([heading, *rows], right=tuple(range(1, len(heading) - 1)))


def _elsewhere_lines(elsewhere: Sequence[Elsewhere]) -> list[str]:
    from smallchat.metering.cost import format_usd
    from smallchat.safe_text import safe_line

    rows = [
        [
            safe_line(other.model, 44),
            format_usd(other.usd),
            format_usd(other.batch_usd) if other.batch_usd is not None else "",
        ]
        for other in elsewhere
    ]
    return _align([["ON", "COST", "AS A BATCH"], *rows], right=(1, 2))


def _align(rows: list[list[str]], right: tuple[int, ...]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        GAP.join(
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
            if width
        ).rstrip()
        for row in rows
    ]


def _spent_record(spent: Spent) -> dict[str, Any]:
    from smallchat.metering.cost import usd_text

    total, tokens = spent.total, spent.tokens
    return {
        "usd": usd_text(total.usd),
        "exact_usd": usd_text(total.exact),
        "estimated_usd": usd_text(total.estimated),
        "lower_bound_usd": usd_text(total.lower_bound),
        "answers": spent.answers,
        "unpriced": total.unpriced,
        "lost": total.lost,
        "tokens": {
            "input": tokens.input,
            "cached": tokens.cached,
            "cache_write": tokens.cache_write,
            "output": tokens.output,
            "reasoning": tokens.reasoning,
        },
    }
