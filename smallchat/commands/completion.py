"""``smallchat completion``: what a shell needs to complete our commands, models and sessions."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path

SHELLS = ("bash", "zsh", "fish")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give ``parser`` the arguments of this command."""
    parser.add_argument("shell", choices=SHELLS, help="the shell to complete in")
    parser.epilog = (
        'bash and zsh: eval "$(smallchat completion bash)" in ~/.bashrc or, with zsh, in ~/.zshrc; '
        "fish: smallchat completion fish > ~/.config/fish/completions/smallchat.fish"
    )


def run(options: argparse.Namespace) -> int:
    """Print the shell's code."""
    from argcomplete.shell_integration import shellcode

    sys.stdout.write(shellcode(["smallchat"], shell=options.shell))
    return 0


def complete(parser: argparse.ArgumentParser) -> None:
    """Answer the shell, which called us for it, and exit."""
    import argcomplete

    for action in _all_actions(parser):
        if "--models" in action.option_strings:
            action.completer = complete_models  # type: ignore[attr-defined]
        elif action.dest in ("resume", "id", "session"):
            action.completer = complete_sessions  # type: ignore[attr-defined]
        elif action.dest in ("route", "preset"):
            action.completer = complete_presets  # type: ignore[attr-defined]
        elif action.type is Path:
            action.completer = argcomplete.FilesCompleter()  # type: ignore[attr-defined]
    argcomplete.autocomplete(parser)


def complete_models(prefix: str, **_context: object) -> list[str]:
    """Return the names of models that go on after the last comma of ``prefix``."""
    from smallchat.catalog.catalog import known_models

    before, comma, _ = prefix.rpartition(",")
    return [f"{before}{comma}{name}" for name in known_models() if name not in before.split(",")]


def complete_presets(**_context: object) -> list[str]:
    """Return the names of the presets."""
    from smallchat.routing.presets import AUTO, known_presets

    return [AUTO, *known_presets()]


def complete_sessions(**_context: object) -> dict[str, str]:
    """Return the ids of the latest sessions, with their titles."""
    from smallchat.config.paths import data_dir
    from smallchat.safe_text import safe_line
    from smallchat.sessions.store import Store

    with closing(Store.open(data_dir(), lambda _message: None)) as store:
        return {summary.id: safe_line(summary.title, 40) for summary in store.list(limit=50)}


def _all_actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    found: list[argparse.Action] = []
    for action in parser._actions:  # argparse has no public way through its tree
        found.append(action)
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                found += _all_actions(command)
    return found
