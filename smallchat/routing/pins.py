"""Pins: ``@haiku …`` sends one prompt to the candidate that it names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from smallchat.catalog.model import Model

_PIN = re.compile(r"\s*@([\w./:-]{1,120})(?:\s+|$)")
_SPLIT = re.compile(r"[^a-z0-9]+|(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])")


def parse_pin(prompt: str, candidates: Sequence[Model]) -> tuple[str | None, str]:
    """Return the candidate that ``prompt`` begins with, and the prompt without it.

    A pin is a candidate's name, or some words of its name or label on end: ``@haiku``, ``@gpt-5.4-mini``,
    ``@nano``. One that fits no candidate, or several, is none: the prompt is left as it is.
    """
    found = _PIN.match(prompt)
    if found is None:
        return None, prompt
    rest = prompt[found.end() :]
    for model in candidates:
        if found[1].lower() in (model.name.lower(), model.label.lower()):
            return model.name, rest
    asked = _words(found[1])
    fitting = [model for model in candidates if any(_contains(_words(text), asked) for text in _texts(model))]
    return (fitting[0].name, rest) if asked and len(fitting) == 1 else (None, prompt)


def _texts(model: Model) -> tuple[str, str]:
    return model.name, model.label


def _words(text: str) -> list[str]:
    return [word for word in _SPLIT.split(text.lower()) if word]


def _contains(words: list[str], part: list[str]) -> bool:
    return any(words[i : i + len(part)] == part for i in range(len(words)))
