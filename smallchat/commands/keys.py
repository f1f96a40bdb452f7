"""``smallchat keys``: keep the keys of providers, and say where each comes from, never what it is."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from smallchat.commands.common import common_options
from smallchat.config.errors import ConfigError

if TYPE_CHECKING:
    from smallchat.config.keys import Secret
    from smallchat.config.provider import Provider, Providers
    from smallchat.config.writing import Written

ACTIONS = {
    "set": "keep a key: asked for without showing it, or read from stdin",
    "list": "list the providers and where their keys come from",
    "remove": "remove a key from the configuration",
}
LONGEST_LINE = 64 * 1024  # characters of standard input


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes to ``parser``."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, help_text in ACTIONS.items():
        action = actions.add_parser(name, help=help_text, parents=[common_options(told=False)])
        if name == "list":
            action.add_argument("--json", action="store_true", help="print JSON")
        else:
            action.add_argument("provider", metavar="PROVIDER", help="such as openai or anthropic")


def run(args: argparse.Namespace) -> int:
    """Do what ``args`` ask for and return the exit code."""
    from smallchat.config.paths import config_file
    from smallchat.config.provider import Providers
    from smallchat.config.reading import load_settings

    path = config_file(args.config)
    # Read first: a broken file is told before anybody types a key.
    providers = Providers(load_settings(path), os.environ)
    if args.action == "list":
        return list_keys(providers, as_json=args.json)
    provider = providers.get(args.provider)
    if args.action == "set":
        return set_provider_key(path, provider)
    return remove_provider_key(path, provider)


def list_keys(providers: Providers, *, as_json: bool) -> int:
    """Print each provider with the source of its key."""
    from smallchat.safe_text import safe_line

    rows = [
        {
            "provider": name,
            "key_source": providers.key_source(provider),
            "needs_key": provider.needs_key,
            "base_url": provider.base_url,
        }
        for name in providers.names()
        for provider in [providers.get(name)]
    ]
    if as_json:
        import json

        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return 0
    width = max(len(safe_line(str(row["provider"]), 40)) for row in rows)
    for row in rows:
        source = row["key_source"] or ("–" if row["needs_key"] else "not needed")
        sys.stdout.write(f"{safe_line(str(row['provider']), 40):<{width}}  {source}\n")
    return 0


def set_provider_key(path: Path, provider: Provider) -> int:
    """Ask for a key and keep it."""
    from smallchat.config.provider import KEYLESS_CLIENTS
    from smallchat.config.writing import set_key

    if provider.client in KEYLESS_CLIENTS:
        raise ConfigError(f"{provider.name} takes no key.")
    written = set_key(path, provider.name, read_key(provider.name))
    _tell(
        f"The key for {provider.name} is in {written.path}; it goes to {provider.base_url or 'its endpoint'}."
    )
    _tell_backup(written)
    return 0


def remove_provider_key(path: Path, provider: Provider) -> int:
    """Remove the key of ``provider`` from the configuration."""
    from smallchat.config.writing import remove_key

    written = remove_key(path, provider.name)
    _tell(f"{written.path} no longer has a key for {provider.name}.")
    _tell(f"The previous file, which has it, is {written.backup}.")
    if provider.key_env and os.environ.get(provider.key_env):
        _tell(f"{provider.key_env} is set in the environment, and holds from now on.")
    return 0


def read_key(provider: str) -> Secret:
    """Return the key that a person types unseen, or the first line of what is piped in.

    Raises:
        ConfigError: There is none, or it can not be a key.
    """
    from smallchat.config.keys import BadKey, Secret

    try:
        return Secret(_read_line(provider))
    except BadKey as error:
        problem = str(error)
    raise ConfigError(f"The key for {provider} {problem}. Nothing was changed.")


def _read_line(provider: str) -> str:
    if sys.stdin is None or sys.stdin.closed:
        return ""
    try:
        if sys.stdin.isatty():
            from getpass import getpass

            return getpass(f"Key for {provider} (not shown): ")
        return sys.stdin.readline(LONGEST_LINE)
    except EOFError:
        return ""
    except UnicodeDecodeError:
        return "\N{REPLACEMENT CHARACTER}"  # refused like any other character that no key has


def _tell_backup(written: Written) -> None:
    if written.backup is None:
        return
    kept = ", with the comments" if written.comments_lost else ""
    _tell(f"The previous file{kept} is {written.backup}.")


def _tell(text: str) -> None:
    from smallchat.safe_text import safe_line

    sys.stderr.write(f"{safe_line(text, 600)}\n")
