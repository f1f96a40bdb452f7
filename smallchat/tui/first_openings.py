"""The modules and styles of all screens, made ready before the first one is opened."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from textual.css.stylesheet import Stylesheet
from textual.widget import Widget

from smallchat.engine.tuning import tune_for_streaming
from smallchat.tui import screens

if TYPE_CHECKING:
    from smallchat.engine.engine import Engine

PAUSE_S = 0.01
AT_START_ONLY = frozenset({"welcome"})


def prepare_screens(stylesheet: Stylesheet, engine: Engine) -> Stylesheet:
    """Import all screens and return a copy of ``stylesheet`` with all styles, while no answer is on its way.

    For a thread. Small steps, for a key or an answer that comes meanwhile.
    """
    for module in iter_modules(screens.__path__):
        if module.name not in AT_START_ONLY:
            _wait_until_idle(engine)
            import_module(f"{screens.__name__}.{module.name}")
    _wait_until_idle(engine)
    ready = add_styles(stylesheet)
    _wait_until_idle(engine)
    tune_for_streaming()  # again: all of this stays
    return ready


def _wait_until_idle(engine: Engine) -> None:
    time.sleep(PAUSE_S)
    while engine.busy:
        time.sleep(PAUSE_S)


def add_styles(stylesheet: Stylesheet) -> Stylesheet:
    """Return a copy of ``stylesheet`` that has the styles of all screens and of all widgets imported.

    With each source of styles that is new to it, Textual parses all of them again, twice, and applies them
    to all widgets there are.
    """
    copy = stylesheet.copy()
    for path in sorted(Path(screens.__path__[0]).resolve().glob("*.tcss")):
        if path.stem not in AT_START_ONLY and not copy.has_source(str(path)):
            copy.read(path)
    for kind in _find_widgets():
        for location, css, tie_breaker, scope in object.__new__(kind)._get_default_css():
            copy.add_source(css, location, is_default_css=True, tie_breaker=tie_breaker, scope=scope)
    copy.parse()
    return copy


def join_styles(current: Stylesheet, ready: Stylesheet) -> Stylesheet:
    """Return ``ready`` with what was added to ``current`` since it was copied."""
    for location, (css, is_default, tie_breaker, scope) in current.source.items():
        ready.add_source(css, location, is_default, tie_breaker, scope)
    return ready


def _find_widgets() -> Iterator[type[Widget]]:
    """Yield the kinds of widget that our modules name."""
    # Copies: the thread that draws may import something too.
    ours = [module for name, module in sys.modules.copy().items() if name.startswith("smallchat.tui.")]
    named = {value for module in ours for value in [*vars(module).values()] if isinstance(value, type)}
    yield from sorted((kind for kind in named if issubclass(kind, Widget)), key=lambda kind: kind.__name__)
