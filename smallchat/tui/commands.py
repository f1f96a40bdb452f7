"""What the command palette can do: actions, sessions, models, presets, themes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from smallchat.safe_text import safe_line
from smallchat.tui.live_bindings import read_scopes
from smallchat.tui.opening import OpenRequested

if TYPE_CHECKING:
    from textual.screen import Screen

    from smallchat.sessions.summary import Summary
    from smallchat.tui.app import SmallchatApp

Kind = Literal["action", "session", "preset", "model", "theme"]
_NOT_OFFERED = frozenset({"palette", "help.quit"})


@dataclass(frozen=True, slots=True)
class Command:
    """Something that can be found and done. All its texts are safe to show.

    Attributes:
        kind: What it is about.
        title: What it is called.
        detail: More about it.
        key: The key that does the same; "" without one.
        run: Does it; called when the palette is closed. May return an awaitable.
        theme: The theme to try on while it is pointed at; "" for none.
        text: What is searched in.
    """

    kind: Kind
    title: str
    detail: str
    key: str
    run: Callable[[], object]
    theme: str = ""
    text: str = ""


def _command(
    kind: Kind, title: str, detail: str, run: Callable[[], object], *, key: str = "", theme: str = ""
) -> Command:
    title, detail = safe_line(title, 120), safe_line(detail, 200)
    return Command(kind, title, detail, key, run, theme, f"{title}\n{detail} {kind}".lower())


def find_commands(app: SmallchatApp, screen: Screen[object]) -> list[Command]:
    """Return what can be done on ``screen`` now, except to open a session, which takes a thread to find.

    While a blind vote waits, what shows another chat is not offered: it would show whose answers these are.
    """
    if app.hides_names():
        return [*find_actions(app, screen), *find_themes(app)]
    return [
        *find_actions(app, screen),
        *find_presets(app),
        *find_models(app),
        *find_themes(app),
    ]


def find_actions(app: SmallchatApp, screen: Screen[object]) -> list[Command]:
    """Return the actions of the focused widget, its parents, the screen and the app; hidden keys last."""
    live = [
        one
        for scope in read_scopes(screen)
        for one in scope.bindings
        if one.binding.id is not None and one.enabled and one.binding.id not in _NOT_OFFERED
    ]
    live.sort(key=lambda one: not one.binding.show)
    return [
        _command(
            "action",
            one.binding.description,
            one.binding.tooltip,
            partial(app.run_action, one.binding.action, one.node),
            key=one.keys[0],
        )
        for one in live
    ]


def find_presets(app: SmallchatApp) -> list[Command]:
    """Return what begins a chat routed by each preset."""
    if app.backend is None:
        return []
    from smallchat.routing.presets import Presets

    services = app.backend.services
    presets = Presets(services.settings.routing, services.catalog)
    return [
        _command("preset", name, "Let this preset choose who answers", partial(app.open_preset, name))
        for name in presets.names()
    ]


def find_models(app: SmallchatApp) -> list[Command]:
    """Return what gives each model to the current pane; in a routed chat, what begins a chat with it."""
    chat = app.find_chat()
    if app.backend is None or chat is None:
        return []
    services = app.backend.services
    return [
        _command(
            "model",
            model.label,
            f"{model.name} · {model.provider}",
            partial(app.compare_models, (model.name,)) if chat.routed else partial(chat.use_model, model),
        )
        for model in services.catalog.models()
    ]


def find_themes(app: SmallchatApp) -> list[Command]:
    """Return what keeps each theme."""
    return [
        _command("theme", name, "Use this theme from now on", partial(app.keep_theme, name), theme=name)
        for name in app.theme_names()
    ]


def find_sessions(app: SmallchatApp, summaries: Iterable[Summary]) -> list[Command]:
    """Return what goes on with each of ``summaries``."""
    from smallchat.tui.ago import format_time

    return [
        _command(
            "session",
            summary.title,
            f"{format_time(summary.used)} · {', '.join(summary.models)}",
            partial(_open_session, app, summary.id),
        )
        for summary in summaries
    ]


def _open_session(app: SmallchatApp, session: str) -> None:
    app.post_message(OpenRequested(lambda store: session))


def choose_commands(commands: Sequence[Command], words: str) -> list[Command]:
    """Return those of ``commands`` that have all ``words``, the nearest first."""
    wanted = words.lower().split()
    if not wanted:
        return list(commands)
    found = [command for command in commands if all(word in command.text for word in wanted)]
    found.sort(key=lambda command: _distance(command, wanted))
    return found


def _distance(command: Command, wanted: Sequence[str]) -> int:
    title = command.title.lower()
    if title.startswith(" ".join(wanted)):
        return 0
    if all(any(word.startswith(one) for word in title.split()) for one in wanted):
        return 1
    return 2 if all(one in title for one in wanted) else 3
