"""Figures in words: numbers rounded to what is worth reading, "–" for what is not known."""

from __future__ import annotations

from smallchat.metering.answer import Cost, Figures, Validity
from smallchat.metering.cost import UNKNOWN, Total, format_cost, format_usd
from smallchat.metering.usage import Usage


def format_ms(ms: float | None) -> str:
    """Return a time: ``212 ms``, ``1.48 s``, ``61.2 s``."""
    if ms is None:
        return UNKNOWN
    if ms < 999.5:
        return f"{ms:.0f} ms"
    return f"{ms / 1000:.2f} s" if ms < 9_995 else f"{ms / 1000:.1f} s"


def format_rate(rate: float | None, estimated: bool = False) -> str:
    """Return a speed: ``84.1 tok/s``, ``1,204 tok/s``, with "~" when it rests on an estimate."""
    if rate is None:
        return f"{UNKNOWN} tok/s"
    mark = "~" if estimated else ""
    return f"{mark}{rate:.1f} tok/s" if rate < 99.95 else f"{mark}{rate:,.0f} tok/s"


def format_char_rate(figures: Figures) -> str:
    """Return the speed that compares fairly across tokenizers, ``391 char/s``; "" when it is not known."""
    return f"{figures.chars_per_s:,.0f} char/s" if figures.chars_per_s is not None else ""


def format_first_token(figures: Figures) -> str:
    """Return TTFT, and TTFA where the answer's text came later than the first token."""
    text = f"TTFT {format_ms(figures.ttft_ms)}"
    if figures.ttfa_ms is not None and figures.ttfa_ms != figures.ttft_ms:
        text += f" · TTFA {format_ms(figures.ttfa_ms)}"
    return text


def format_usage(usage: Usage | None, live: bool = False) -> str:
    """Return the tokens in, cached and out; estimates carry "~"."""
    if usage is None:
        return f"{UNKNOWN} in · {UNKNOWN} out"
    mark = "~" if live or usage.source == "estimate" else ""
    parts = [f"{mark}{usage.input:,} in"]
    if usage.cached:
        parts.append(f"{usage.cached:,} cached")
    if usage.cache_write:
        parts.append(f"{usage.cache_write:,} written")
    parts.append(f"{mark}{usage.output:,} out")
    return " · ".join(parts)


def format_price(cost: Cost | None) -> str:
    """Return a cost with its state: ``$0.0011``, ``~$0.0011``, ``≥$0.0011``, ``free``, ``no price``."""
    if cost is None:
        return UNKNOWN
    if cost.state == "no_price":
        return "no price"
    if cost.price_source == "local":
        return "free"
    return format_cost(cost)


def format_total(total: Total) -> str:
    """Return a session's total, the exact part and the uncertain parts apart: ``$0.0042 + ~$0.0003``."""
    parts = [format_usd(total.exact)] if total.exact else []
    if total.estimated:
        parts.append(f"~{format_usd(total.estimated)}")
    if total.lower_bound or total.lost:
        parts.append(f"≥{format_usd(total.lower_bound)}")
    if total.unpriced:
        parts.append(f"{total.unpriced} unpriced" if parts else "no price")
    return " + ".join(parts) or "$0"


def format_sum(total: Total) -> str:
    """Return a total as one sum, marked like its least certain part: ``≥$0.0045``, ``no price``."""
    return format_price(Cost(total.usd, total.state))


def describe_validity(found: Validity) -> str:
    """Return whether an answer follows its schema, and what is wrong first: ``✗ $.age: 'x' is no …``."""
    if found.valid is None:
        return found.error or "not checked"
    return "✓ valid JSON" if found.valid else f"✗ {found.error}"
