"""``smallchat config``: where the configuration is, what it says, whether it is right, and a first one."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smallchat.config.schema import Settings

ACTIONS = ("path", "show", "check", "init")
SET = "(set)"  # stands for a key


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes to ``parser``."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=ACTIONS,
        default="show",
        help="path: the file; show: what holds, without keys (the default); "
        "check: tell what is wrong; init: start a commented file",
    )


def run(args: argparse.Namespace) -> int:
    """Do what ``args`` ask for and return the exit code."""
    from smallchat.config.paths import config_file

    path = config_file(args.config)
    actions = {"path": print_path, "show": show, "check": check, "init": init}
    return actions[args.action](path, named=args.config is not None)


def print_path(path: Path, *, named: bool) -> int:
    """Print where the configuration is, or would be."""
    _print(str(path))
    return 0


def show(path: Path, *, named: bool) -> int:
    """Print the settings that hold, defaults included, as TOML; keys are not shown."""
    import tomli_w

    from smallchat.config.reading import load_settings

    settings = load_settings(path, must_exist=named)
    _tell(str(path) if path.exists() else f"{path} does not exist: these are the defaults")
    _print(tomli_w.dumps(effective_values(settings, os.environ)).rstrip("\n"))
    return 0


def check(path: Path, *, named: bool) -> int:
    """Tell everything that is wrong, or ok; warnings go to stderr."""
    from smallchat.config.advice import advise
    from smallchat.config.document import name_of
    from smallchat.config.errors import ConfigError
    from smallchat.config.reading import load_settings

    try:
        settings = load_settings(path, must_exist=named)
    except ConfigError as error:
        for problem in error.problems:
            _tell(problem)
        return 2
    problems, warnings = check_names(settings)
    for warning in (*advise(settings, os.environ), *warnings):
        _tell(f"warning: {warning}")
    for problem in problems:
        _tell(f"{name_of(path)}: {problem}")
    if problems:
        return 2
    missing = "" if path.exists() else " (no such file: the defaults hold)"
    _print(f"ok: {name_of(path)}{missing}")
    return 0


def check_names(settings: Settings) -> tuple[list[str], list[str]]:
    """Return what is wrong and what is odd about the models and presets that ``settings`` name."""
    from smallchat.catalog.catalog import Catalog
    from smallchat.config.errors import ConfigError
    from smallchat.routing.presets import AUTO, Presets

    problems: list[str] = []
    warnings: list[str] = []
    try:
        catalog = Catalog(settings)
    except ConfigError as error:
        return list(error.problems), warnings
    for name in settings.app.models:
        try:
            catalog.get(name)
        except ConfigError as error:
            problems.append(f"[app] models: {error.problems[0].partition(chr(10))[0]}")
    presets = Presets(settings.routing, catalog)
    for name in dict.fromkeys((AUTO, *settings.routing.presets)):
        try:
            warnings.extend(presets.warnings(name))
        except ConfigError as error:
            problems.extend(error.problems)
    return list(dict.fromkeys(problems)), list(dict.fromkeys(warnings))


def init(path: Path, *, named: bool) -> int:
    """Write a commented example, unless there is a file."""
    from smallchat.config.writing import init_config

    _print(str(init_config(path)))
    return 0


def effective_values(settings: Settings, environ: Mapping[str, str]) -> dict[str, Any]:
    """Return ``settings`` as plain values for TOML, with the models that hold and without any key."""
    from smallchat.config.provider import Providers

    values: dict[str, Any] = _plain(settings.model_dump(exclude_none=True))
    values["app"]["models"] = list(Providers(settings, environ).default_models())
    for table in values["providers"].values():
        if "key_command" in table:
            table["key_command"] = SET  # its arguments may hold a password
        if not table["headers"]:
            del table["headers"]
    return values


def _plain(value: Any) -> Any:
    """Return ``value`` made of what TOML knows; keys become :data:`SET`."""
    from smallchat.config.keys import Secret

    if isinstance(value, Secret):
        return SET
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def _print(text: str) -> None:
    from smallchat.safe_text import safe_text

    sys.stdout.write(f"{safe_text(text)}\n")


def _tell(text: str) -> None:
    from smallchat.safe_text import safe_text

    sys.stderr.write(f"{safe_text(text)}\n")
