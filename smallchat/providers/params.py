"""The parameters that go with a request: what a model refuses, or what is ours to say, is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smallchat.catalog.model import Model

# The request says these itself: a parameter of the same name would change what is metered and budgeted.
RESERVED = frozenset(
    {"model", "messages", "system", "stream", "stream_options", "max_tokens", "max_completion_tokens", "n"}
)


def accepted_params(model: Model, params: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return those of ``params`` that can be sent to ``model``, and one note for each that can not."""
    kept: dict[str, Any] = {}
    notes: list[str] = []
    for name, value in params.items():
        if name in model.refused_params:
            notes.append(f"{model.label} does not take {name}: left out")
        elif name in RESERVED:
            notes.append(f"{name} is not a parameter that can be set: left out")
        else:
            kept[name] = value
    return kept, tuple(notes)
