"""How a pane asks its model: parameters, limit and system prompt, read from what a form holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from smallchat.providers.params import RESERVED

if TYPE_CHECKING:
    from smallchat.catalog.model import Model
    from smallchat.engine.conversation import Conversation

EFFORT = "reasoning_effort"
EFFORTS = ("none", "low", "medium", "high")
_RANGES = {"temperature": (0.0, 2.0), "top_p": (0.0, 1.0)}
_SHORT = {"temperature": "t", "top_p": "top_p", EFFORT: "effort"}


@dataclass(frozen=True, slots=True)
class Terms:
    """How a pane asks.

    Attributes:
        params: Parameters by their name on the wire, on top of the model's own.
        max_output: The most tokens of an answer; ``None`` for the app's limit.
        system: The system prompt; empty for none.
    """

    params: Mapping[str, Any] = field(default_factory=dict)
    max_output: int | None = None
    system: str = ""

    @classmethod
    def of(cls, conversation: Conversation) -> Terms:
        """Return the terms of a conversation."""
        return cls(dict(conversation.params), conversation.max_output, conversation.system)

    def hold_for(self, conversation: Conversation) -> None:
        """Make them those of a conversation, from its next prompt on."""
        conversation.params, conversation.max_output = dict(self.params), self.max_output
        conversation.system = self.system


class BadTerm(ValueError):  # noqa: N818 - says what is wrong
    """A field that holds no usable value."""

    def __init__(self, name: str, problem: str) -> None:
        """Say what is wrong with the field ``name``."""
        super().__init__(problem)
        self.name = name


def read_number(name: str, text: str) -> float | None:
    """Return the value of ``temperature`` or ``top_p``; ``None`` for an empty field.

    Raises:
        BadTerm: It is no number, or out of range.
    """
    if not text.strip():
        return None
    low, high = _RANGES[name]
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise BadTerm(name, f"{name} must be a number from {low:g} to {high:g}.")
    return value


def read_limit(text: str, most: int | None) -> int | None:
    """Return the most tokens of an answer; ``None`` for an empty field.

    Raises:
        BadTerm: It is no number of tokens, or more than the model can write.
    """
    digits = text.strip().replace(",", "").replace("_", "")
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit() and 0 < int(digits[:10]) <= 100_000_000):
        raise BadTerm("max_output", "The limit must be a whole number of tokens.")
    if most is not None and int(digits) > most:
        raise BadTerm("max_output", f"This model writes {most:,} tokens at most.")
    return int(digits)


def explain_term(name: str, own: object, most: int | None, usual: int) -> str:
    """Return what a field is for, what it takes, and what it means when it is empty.

    Args:
        name: The field: a parameter by its name on the wire, ``max_output`` or ``system``.
        own: The model's own value in the configuration; ``None`` for its provider's.
        most: The most tokens that the model can write; ``None`` when that is not known.
        usual: The app's limit of tokens.
    """
    empty = "the provider's usual" if own is None else f"{own}, as the configuration says"
    if name == "temperature":
        return f"0 to 2: the higher, the more varied. Empty: {empty}."
    if name == "top_p":
        return f"0 to 1: low keeps to likely words. Empty: {empty}."
    if name == EFFORT:
        return f"How long it thinks first. Its own: {empty}."
    if name == "max_output":
        limit = "" if most is None else f", {most:,} at most"
        return f"Tokens of an answer, reasoning included{limit}. Empty: {usual:,}."
    return "What the model is told before all prompts. Empty: nothing."


def explain_refusal(model: Model, wire: str, name: str, effort: str) -> str:
    """Return why ``model`` can not be given the parameter ``name``, at ``effort`` of reasoning; or ""."""
    if name == EFFORT:
        if wire != "openai":
            return "not on the Anthropic wire"
        known_not_to = model.context is not None and not model.refused_when_reasoning
        return f"{model.label} has no such setting" if known_not_to or name in model.refused_params else ""
    params = {name: 0.0, **({EFFORT: effort} if effort else {})}
    if name in model.refused_params or name in RESERVED:
        return f"{model.label} refuses it"
    return 'refused while it reasons: effort "none" allows it' if name in model.refused(params) else ""


def format_terms(terms: Terms, usual_system: str) -> str:
    """Return what differs from the usual, in short: ``t 0.2 · max 500 · own system``."""
    parts = [f"{_SHORT.get(name, name)} {_value(value)}" for name, value in terms.params.items()]
    if terms.max_output is not None:
        parts.append(f"max {terms.max_output}")
    if terms.system != usual_system:
        parts.append("own system" if terms.system else "no system")
    return " · ".join(parts)


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def tell_apart(told: Sequence[str]) -> list[str]:
    """Return what each pane says of its terms: where they differ, one without its own says so."""
    if len(set(told)) < 2:
        return list(told)
    return [text or "usual settings" for text in told]
