"""Figures as bars, and an answer's time as a waterfall: never told by colour alone."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from smallchat.metering.cost import UNKNOWN, format_usd
from smallchat.metering.ranking import COUNTED, Lead, Spread, Standing
from smallchat.metering.wording import format_ms, format_price, format_rate
from smallchat.safe_text import safe_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from smallchat.metering.timeline import Part, Timeline
    from smallchat.tui.figures_table import Row

WIDEST_NAME = 20
LEAST_TO_RANK = 2  # answers
EIGHTHS = " ▏▎▍▌▋▊▉"
# Each part has a look of its own without any colour.
PARTS: dict[Part, tuple[str, str]] = {
    "connect": ("·", "$quiet"),
    "wait": ("░", "$quiet"),
    "think": ("▒", "$secondary"),
    "write": ("█", "$primary"),
    "stall": ("╳", "$error"),
}
LEGEND = Content("  ").join(
    Content.assemble((sign, style), (f" {part}", "$quiet")) for part, (sign, style) in PARTS.items()
)


def draw_bar(share: float, width: int) -> str:
    """Return a bar of ``share`` (0 to 1) of ``width`` cells, to an eighth of a cell; never empty above 0."""
    eighths = min(width * 8, max(1 if share > 0 else 0, round(max(0.0, share) * width * 8)))
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (EIGHTHS[rest] if rest else "")


def draw_turn(rows: Sequence[Row], width: int) -> list[Content]:
    """Return the bars and the waterfalls of the answers of one turn."""
    figures: list[tuple[str, Callable[[Row], float | Decimal | None], Callable[[Row], str]]] = [
        ("TTFT, lower is better", lambda row: row.answer.figures.ttft_ms,
         lambda row: format_ms(row.answer.figures.ttft_ms)),
        ("tok/s, higher is better", lambda row: row.answer.figures.tokens_per_s,
         lambda row: format_rate(row.answer.figures.tokens_per_s, row.answer.figures.estimated)),
        ("cost, lower is better", lambda row: row.answer.cost.usd, lambda row: format_price(row.answer.cost)),
    ]  # fmt: skip
    lines: list[Content] = []
    for heading, value, show in figures:
        lines.append(Content.styled(heading, "bold"))
        lines += _draw_bars(rows, [value(row) for row in rows], [show(row) for row in rows], width)
    return [*lines, *draw_waterfalls(rows, width)]


def _names(rows: Sequence[Row]) -> list[str]:
    """Return whose each row is, and how it ended if not well: its colour alone does not tell."""
    asides = [
        " (other)" if not row.chosen else "" if row.answer.status in COUNTED else f" ({row.answer.status})"
        for row in rows
    ]
    names = [safe_line(row.answer.model, 60) for row in rows]
    size = min(
        WIDEST_NAME,
        max((cell_len(name + aside) for name, aside in zip(names, asides, strict=True)), default=0),
    )
    return [
        set_cell_size(set_cell_size(name, min(cell_len(name), size - len(aside))) + aside, size)
        for name, aside in zip(names, asides, strict=True)
    ]


def _draw_bars(
    rows: Sequence[Row], values: Sequence[float | Decimal | None], told: Sequence[str], width: int
) -> list[Content]:
    names = _names(rows)
    longest = max((float(value) for value in values if value is not None), default=0.0)
    text = max((cell_len(one) for one in told), default=0)
    room = max(1, width - cell_len(names[0]) - text - 4) if names else 1
    lines = []
    for name, value, number, row in zip(names, values, told, rows, strict=True):
        share = 0.0 if value is None or not longest else float(value) / longest
        bar = draw_bar(share, room)
        style = "$primary" if row.answer.status in COUNTED else "$quiet"
        lines.append(
            Content.assemble(
                (name, "$foreground"), "  ", (number.rjust(text), "$foreground"), "  ", (bar, style)
            )
        )
    return lines


def draw_waterfalls(rows: Sequence[Row], width: int) -> list[Content]:
    """Return a line for each answer: what it did, on one scale for all of them."""
    names = _names(rows)
    lines = [Content.styled("time, on one scale", "bold"), LEGEND]
    longest = max((row.timeline.end_ms for row in rows if row.timeline), default=0.0)
    for name, row in zip(names, rows, strict=True):
        if row.timeline is None or not longest:
            lines.append(Content.assemble(name, "  ", (UNKNOWN, "$quiet")))
            continue
        total = format_ms(row.answer.figures.total_ms).rjust(7)
        room = max(1, width - cell_len(name) - len(total) - 4)
        lines.append(Content.assemble(name, "  ", total, "  ", draw_waterfall(row.timeline, room, longest)))
    return lines


def draw_waterfall(timeline: Timeline, width: int, longest_ms: float) -> Content:
    """Return ``timeline`` as one line, ``width`` cells for ``longest_ms``; no part vanishes."""
    parts = timeline.parts()
    bounds = [round(start / longest_ms * width) for _, start, _ in parts]
    bounds.append(round(timeline.end_ms / longest_ms * width))
    for index in range(1, len(bounds)):
        bounds[index] = max(bounds[index], bounds[index - 1] + 1)
    over = max(0, bounds[-1] - width)
    sizes = [stop - start for start, stop in pairwise(bounds)]
    while over > 0 and max(sizes) > 1:
        sizes[sizes.index(max(sizes))] -= 1
        over -= 1
    return Content.assemble(
        *((PARTS[part][0] * size, PARTS[part][1]) for (part, _, _), size in zip(parts, sizes, strict=True))
    ).truncate(width)


# Models


def describe_standings(standings: Sequence[Standing], leads: Sequence[Lead], width: int) -> list[Content]:
    """Return a few lines for each model, then who leads in what, or that it is too close to call."""
    lines: list[Content] = []
    for standing in standings:
        others = f"{standing.others} more that did not end well" if standing.others else ""
        count = f"{standing.answers} answer{'' if standing.answers == 1 else 's'}"
        name = Content.styled(safe_line(standing.model, 60), "bold")
        lines += _fold(name, (count, others), width)
        lines += _fold(Content("  TTFT "), _tell(standing.ttft_ms, format_ms), width)
        lines += _fold(Content("  tok/s"), _tell(standing.tokens_per_s, lambda rate: f"{rate:,.1f}"), width)
        lines += _fold(Content("  cost "), _tell(standing.usd, format_usd), width)
    lines.append(Content(""))
    if max((standing.answers for standing in standings), default=0) < LEAST_TO_RANK:
        lines.append(Content("One answer ranks nobody: ask more prompts to compare medians."))
    else:
        lines += [_describe_lead(lead) for lead in leads]
        lines.append(Content.styled("median [min–max], n: of the answers that ended well", "$quiet"))
    return lines


def _fold(head: Content, parts: Sequence[str], width: int) -> list[Content]:
    """Return ``head`` and ``parts`` on a line, or on several where they do not fit into ``width`` cells."""
    lines = [head]
    for part in filter(None, parts):
        told = Content(f"  {part}")
        if lines[-1].cell_length + told.cell_length > width:
            lines.append(Content("  ") + told)
        else:
            lines[-1] = lines[-1] + told
    return lines


def _tell(spread: Spread[float] | Spread[Decimal] | None, form: Callable[..., str]) -> list[str]:
    """Return the median with its range, how many values there are, and the 95th percentile of many."""
    if spread is None:
        return [UNKNOWN]
    if spread.n == 1:
        return [form(spread.middle)]
    parts = [f"{form(spread.middle)} [{form(spread.low)}–{form(spread.high)}]", f"n = {spread.n}"]
    return parts if spread.p95 is None else [*parts, f"p95 {form(spread.p95)}"]


def _describe_lead(lead: Lead) -> Content:
    what = {"ttft": "First token", "rate": "Speed (char/s)", "cost": "Cost"}[lead.figure]
    if lead.model is not None:
        best = "cheapest" if lead.figure == "cost" else "fastest"
        return Content.assemble((f"{what}: ", "$quiet"), (f"▲ {safe_line(lead.model, 60)} {best}", "$accent"))
    names = ", ".join(safe_line(model, 40) for model in lead.close)
    return Content.assemble((f"{what}: ", "$quiet"), "too close to call", (f" ({names})", "$quiet"))
