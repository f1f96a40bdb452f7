"""``smallchat models``: what is known about each model, and whether there is a key for it."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from smallchat.catalog.model import Model, Price, PriceStep, Rates
    from smallchat.config.provider import Provider

GAP = 2
UNKNOWN = "–"
PIPED_WIDTH = 1_000  # nothing is left out of a file

# Left out in this order until a line fits the terminal; --json has them all.
_LEAST_NEEDED = (
    "SUCCESSOR",
    "AS OF",
    "VISION",
    "MAX OUT",
    "LONG PROMPTS",
    "KEY",
    "PROVIDER",
    "RETIRES",
    "CONTEXT",
)
_RIGHT_ALIGNED = ("IN $/M", "OUT $/M", "CONTEXT", "MAX OUT")


@dataclass(frozen=True, slots=True)
class Entry:
    """A model with everything that the list says about it."""

    model: Model
    provider: Provider
    price: Price | None
    key_source: str | None
    retired: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes to ``parser``."""
    parser.add_argument("--json", action="store_true", help="print everything known as a JSON array")


def run(args: argparse.Namespace) -> int:
    """List the models and return the exit code."""
    from smallchat.catalog.catalog import Catalog
    from smallchat.catalog.prices import PriceBook
    from smallchat.config.paths import config_file
    from smallchat.config.provider import Providers
    from smallchat.config.reading import load_settings

    settings = load_settings(config_file(args.config), must_exist=args.config is not None)
    catalog, providers = Catalog(settings), Providers(settings, os.environ)
    prices = PriceBook(providers)
    models = {name: catalog.get(name) for name in (*catalog.names(), *settings.app.models)}
    entries = [
        Entry(
            model=model,
            provider=provider,
            price=prices.price(model),
            key_source=providers.key_source(provider),
            retired=model.is_retired(date.today()),
        )
        for model in models.values()
        for provider in [providers.get(model.provider)]
    ]
    if args.json:
        import json

        sys.stdout.write(json.dumps([to_json(entry) for entry in entries], indent=2) + "\n")
        return 0
    sys.stdout.writelines(f"{line}\n" for line in to_lines(entries, _width()))
    days = [entry.price.as_of for entry in entries if entry.price and entry.price.as_of]
    checked = f", checked {min(days)} or later" if days else ""
    sys.stderr.write(f"US dollars per million tokens{checked}. --json has cache and batch prices too.\n")
    return 0


def to_json(entry: Entry) -> dict[str, Any]:
    """Return ``entry`` ready for ``json.dumps``: dollars as decimal strings, ``None`` for the unknown."""
    model, price = entry.model, entry.price
    return {
        "name": model.name,
        "label": model.label,
        "provider": model.provider,
        "id": model.wire_id,
        "price": price
        and {
            **_rates(price.base),
            "steps": [{"above": step.above, **_rates(step.rates)} for step in price.steps],
            "batch": price.batch and _rates(price.batch),
            "as_of": price.as_of and price.as_of.isoformat(),
            "source": price.source,
        },
        "context": model.context,
        "max_input": model.max_input,
        "max_output": model.max_output,
        "vision": model.vision,
        "refused_params": sorted(model.refused_params),
        "refused_when_reasoning": sorted(model.refused_when_reasoning),
        "retires_on": model.retires_on and model.retires_on.isoformat(),
        "retired": entry.retired,
        "replaced_by": model.replaced_by,
        "key_source": entry.key_source,
        "needs_key": entry.provider.needs_key,
    }


def to_lines(entries: Sequence[Entry], width: int) -> list[str]:
    """Return the table, heading first, with as many columns as fit into ``width`` characters."""
    rows = [_cells(entry) for entry in entries]
    widths = {title: max(len(title), *(len(row[title]) for row in rows)) for title in rows[0]}
    for title in _LEAST_NEEDED:
        if sum(widths.values()) + GAP * (len(widths) - 1) <= width:
            break
        del widths[title]
    heading = dict(zip(widths, widths, strict=True))
    return [_line(cells, widths) for cells in (heading, *rows)]


def _line(cells: dict[str, str], widths: dict[str, int]) -> str:
    padded = (
        cells[title].rjust(size) if title in _RIGHT_ALIGNED else cells[title].ljust(size)
        for title, size in widths.items()
    )
    return (" " * GAP).join(padded).rstrip()


def _cells(entry: Entry) -> dict[str, str]:
    from smallchat.safe_text import safe_line

    model, price = entry.model, entry.price
    return {
        "MODEL": safe_line(model.name, 40),
        "PROVIDER": safe_line(model.provider, 20),
        "IN $/M": _dollars(price.base.input) if price else UNKNOWN,
        "OUT $/M": _dollars(price.base.output) if price else UNKNOWN,
        "AS OF": price.as_of.isoformat() if price and price.as_of else "",
        "CONTEXT": _tokens(model.context),
        "MAX OUT": _tokens(model.max_output),
        "VISION": "yes" if model.vision else "",
        "KEY": "yes" if entry.key_source else "no key" if entry.provider.needs_key else "",
        "RETIRES": "RETIRED" if entry.retired else str(model.retires_on or ""),
        "SUCCESSOR": model.replaced_by or "",
        "LONG PROMPTS": ", ".join(_step(step) for step in price.steps) if price else "",
    }


def _step(step: PriceStep) -> str:
    return f"above {_tokens(step.above)}: {_dollars(step.rates.input)}/{_dollars(step.rates.output)}"


def _rates(rates: Rates) -> dict[str, str | None]:
    from smallchat.metering.cost import usd_text

    values = {field.name: getattr(rates, field.name) for field in fields(rates)}
    return {name: None if value is None else usd_text(value) for name, value in values.items()}


def _dollars(rate: Decimal) -> str:
    if not rate:
        return "free"
    from smallchat.metering.cost import usd_text

    whole, _, places = usd_text(rate).partition(".")
    return f"{whole}.{places:0<2}"


def _tokens(count: int | None) -> str:
    """Return ``count`` in short, rounded down: ``128k``, ``1.04M``."""
    if count is None:
        return UNKNOWN
    if count >= 1_000_000:
        return f"{count // 10_000 / 100:g}M"
    return f"{count // 1_000}k"


def _width() -> int:
    import shutil

    return shutil.get_terminal_size().columns if sys.stdout.isatty() else PIPED_WIDTH
