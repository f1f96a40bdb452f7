"""A choice in words: the decision's line, and what came with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smallchat.engine.choice import Choice, Consulted
from smallchat.metering.cost import format_cost, format_usd
from smallchat.metering.wording import format_ms
from smallchat.routing.wording import decision_line
from smallchat.safe_text import safe_line

if TYPE_CHECKING:
    from smallchat.catalog.model import Model


def choice_line(choice: Choice) -> str:
    """Return the decision in one line, with what the history costs when another model has to read it anew."""
    line = decision_line(choice.decision)
    if choice.history_usd:
        line += f" · history anew {format_usd(choice.history_usd)}"
    return line


def consulted_line(consulted: Consulted, model: Model) -> str:
    """Return what the second stage said, how long it took and what it cost."""
    if consulted.task is not None:
        parts = [f"{model.label} says: {consulted.task}"]
    else:
        parts = [f"{model.label} could not say what this is ({consulted.trouble}): the fallback answers"]
    if consulted.ms:
        parts.append(format_ms(consulted.ms))
    if consulted.cost is not None:
        parts.append("free" if consulted.cost.price_source == "local" else format_cost(consulted.cost))
    return safe_line(" · ".join(parts), 400)


def opening_note(choice: Choice, consulted_model: Model | None = None) -> str:
    """Return the lines that head an answer: the decision, and the second stage if it was asked."""
    lines = [choice_line(choice)]
    if choice.consulted is not None and consulted_model is not None:
        lines.insert(0, consulted_line(choice.consulted, consulted_model))
    return "\n".join(lines)
