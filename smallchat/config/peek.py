"""A first look at the configuration, quick enough to draw the window by; validation comes later."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smallchat.config.defaults import MOST_MODELS, THEME, choose_models
from smallchat.config.document import read_document, tables_of
from smallchat.config.errors import ConfigError
from smallchat.config.provider import find_key, resolve_provider


@dataclass(frozen=True, slots=True)
class Peek:
    """What the first frame needs.

    Attributes:
        models: The models of the panes: those that are named, else those that a key decides.
        theme: The theme.
        own: Two models that the configuration adds, to begin with where ``models`` is empty.
    """

    models: tuple[str, ...]
    theme: str
    own: tuple[str, ...] = ()


def peek(path: Path, environ: Mapping[str, str] | None = None) -> Peek:
    """Return what the first frame needs from the file at ``path``.

    Never raises: what is wrong is left out, and told when the settings are validated.
    """
    environ = os.environ if environ is None else environ
    try:
        document = read_document(path)
    except ConfigError:
        document = None
    data: Mapping[str, Any] = document.data if document else {}
    app = data.get("app")
    if not isinstance(app, dict):
        app = {}
    providers = tables_of(data, "providers")
    theme = app.get("theme")
    return Peek(
        models=_read_models(app.get("models"))
        or choose_models(lambda name: _has_key(name, providers.get(name, {}), environ)),
        theme=theme if isinstance(theme, str) and theme else THEME,
        own=tuple(name for name, table in tables_of(data, "models").items() if table.get("provider"))[:2],
    )


def _read_models(models: object) -> tuple[str, ...]:
    if not isinstance(models, list):
        return ()
    return tuple(name for name in models if isinstance(name, str) and name)[:MOST_MODELS]


def _has_key(name: str, table: Mapping[str, Any], environ: Mapping[str, str]) -> bool:
    texts = {key: value for key, value in table.items() if isinstance(value, str)}
    try:
        return find_key(resolve_provider(name, texts, environ), texts, environ) is not None
    except ConfigError:
        return False
