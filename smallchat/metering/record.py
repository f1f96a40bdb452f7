"""An answer as JSON: the object that ``ask --json`` prints. ``record_reading`` is the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from smallchat.metering.answer import Answer, Cost
from smallchat.metering.cost import usd_text
from smallchat.metering.usage import Usage

Record = dict[str, Any]


def exchange_record(
    prompt: str,
    answers: Sequence[Answer],
    decision: Mapping[str, Any] | None = None,
    budget: Mapping[str, Any] | None = None,
) -> Record:
    """Return a prompt with its answers, ready for ``json.dumps``.

    Args:
        prompt: The user's prompt.
        answers: One for each model asked.
        decision: How routing chose the model; ``None`` without routing.
        budget: ``reserved_usd`` and ``settled_usd`` as decimal strings; ``None`` without a ledger.
    """
    return {
        "prompt": prompt,
        "answers": [answer_record(answer) for answer in answers],
        "decision": dict(decision) if decision is not None else None,
        "budget": dict(budget) if budget is not None else None,
    }


def answer_record(answer: Answer) -> Record:
    """Return ``answer`` ready for ``json.dumps``: what is not known is ``None``, never 0.

    Milliseconds and speeds are rounded to one decimal, tokens per event to two; dollars are decimal strings.
    """
    figures = answer.figures
    # Only of an answer that was asked to follow a schema, so that all others stay as they are.
    schema = {"schema": asdict(answer.schema)} if answer.schema is not None else {}
    return {
        "model": answer.model,
        "provider": answer.provider,
        "served_model": answer.served_model,
        "status": answer.status,
        "finish_reason": answer.finish_reason,
        "text": answer.text,
        "reasoning": answer.reasoning,
        "ttft_ms": _rounded(figures.ttft_ms, 1),
        "ttfa_ms": _rounded(figures.ttfa_ms, 1),
        "total_ms": _rounded(figures.total_ms, 1),
        "attempts": answer.attempts,
        "tokens_per_s": _rounded(figures.tokens_per_s, 1),
        "tokens_per_s_overall": _rounded(figures.tokens_per_s_overall, 1),
        "chars_per_s": _rounded(figures.chars_per_s, 1),
        "payload_events": figures.payload_events,
        "tokens_per_event": _rounded(figures.tokens_per_event, 2),
        "stalls": figures.stalls,
        "usage": _usage_record(answer.usage) if answer.usage else None,
        "cost": _cost_record(answer.cost),
        "server_timings": dict(answer.server_timings) if answer.server_timings is not None else None,
        "error": asdict(answer.error) if answer.error else None,
        **schema,
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _usage_record(usage: Usage) -> Record:
    return {
        "input": usage.input,
        "cached": usage.cached,
        "cache_write": usage.cache_write,
        "output": usage.output,
        "reasoning": usage.reasoning,
        "source": usage.source,
    }


def _cost_record(cost: Cost) -> Record:
    return {
        "usd": usd_text(cost.usd) if cost.usd is not None else None,
        "state": cost.state,
        "price_as_of": cost.price_as_of.isoformat() if cost.price_as_of else None,
        "price_source": cost.price_source,
    }
