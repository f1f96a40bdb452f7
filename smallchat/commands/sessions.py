"""``smallchat sessions``: list, show, find, rename and delete what was said."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

from smallchat.commands.common import common_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smallchat.sessions.store import Store
    from smallchat.sessions.summary import Match, Summary

TITLE_WIDTH = 44


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what ``smallchat sessions`` understands."""
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(action="list")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", title="actions")
    _add(actions, "list", "list the sessions, newest first")
    _add(actions, "show", "show a session as Markdown", "ID")
    _add(actions, "search", "find sessions by words in titles, prompts and answers", "WORDS", nargs="+")
    _add(actions, "rename", "give a session another title", "ID").add_argument(
        "title", nargs="+", metavar="NAME"
    )
    _add(actions, "delete", "delete a session; undelete takes it back within thirty days", "ID")
    _add(actions, "undelete", "take a deletion back", "ID")


def run(options: argparse.Namespace) -> int:
    """Carry out the action and return the exit code."""
    from smallchat.config.paths import data_dir
    from smallchat.sessions.store import Store

    with closing(Store.open(data_dir(), _say)) as store:
        return ACTIONS[options.action or "list"](store, options)


def list_sessions(store: Store, options: argparse.Namespace) -> int:
    """Print the sessions there are."""
    summaries = store.list()
    if options.json:
        _print_json([_summary_record(summary) for summary in summaries])
    else:
        _print_table(summaries)
    return 0


def show_session(store: Store, options: argparse.Namespace) -> int:
    """Print one session: for people as its export, for scripts as JSON."""
    from smallchat.sessions.files import export_session

    session = store.load(store.resolve(options.id))
    text = export_session(session, "json" if options.json else "markdown")
    sys.stdout.buffer.write(text.encode())  # UTF-8, whatever the terminal's own encoding
    return 0


def search_sessions(store: Store, options: argparse.Namespace) -> int:
    """Print the sessions with the words, and the newest passage of each."""
    matches = store.search(" ".join(options.words))
    if options.json:
        _print_json([_match_record(match) for match in matches])
        return 0
    for match in matches:
        print(f"{match.session.id}  {match.session.title}")
        if match.turn is None:
            continue  # its title says all
        print(f"{' ' * 10}  {f'{match.model}: ' if match.model else ''}{_highlight(match)}")
    if not matches:
        _say("No session has these words.")
    return 0


def rename_session(store: Store, options: argparse.Namespace) -> int:
    """Give a session another title."""
    session, title = store.resolve(options.id), " ".join(options.title)
    store.rename(session, title)
    return _finish(store, f"Renamed: {title}")


def delete_session(store: Store, options: argparse.Namespace) -> int:
    """Delete a session, and say how to take that back."""
    session = store.resolve(options.id)
    store.delete(session)
    return _finish(store, f"Deleted. smallchat sessions undelete {session} takes it back.")


def undelete_session(store: Store, options: argparse.Namespace) -> int:
    """Take a deletion back."""
    session = store.resolve(options.id, deleted=True)
    store.undelete(session)
    return _finish(store, f"{session} is back.")


ACTIONS = {
    "list": list_sessions,
    "show": show_session,
    "search": search_sessions,
    "rename": rename_session,
    "delete": delete_session,
    "undelete": undelete_session,
}


def _add(
    actions: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    help_text: str,
    argument: str = "",
    nargs: str | None = None,
) -> argparse.ArgumentParser:
    parser = actions.add_parser(
        name,
        help=help_text,
        description=help_text.capitalize() + ".",
        parents=[common_options(told=False)],
    )
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
    if argument:
        parser.add_argument(argument.lower(), metavar=argument, nargs=nargs)
    return parser


def _finish(store: Store, done: str) -> int:
    """Wait until what was asked for is on the disk, and say that it is ``done``; 1 when it is not."""
    if not (store.flush() and store.is_kept):
        return 1
    _say(done)
    return 0


def _say(message: str) -> None:
    from smallchat.safe_text import safe_text

    print(safe_text(message), file=sys.stderr)


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=True, indent=2))


def _print_table(summaries: Sequence[Summary]) -> None:
    from smallchat.metering.wording import format_sum
    from smallchat.safe_text import safe_line

    for summary in summaries:
        when = summary.created.astimezone().strftime("%Y-%m-%d %H:%M")
        title = safe_line(summary.title, TITLE_WIDTH)
        models = safe_line(", ".join(summary.models), 60)
        print(f"{summary.id}  {when}  {title:{TITLE_WIDTH}}  {format_sum(summary.total):>9}  {models}")
    if not summaries:
        _say("There is no session yet: smallchat starts one.")


def _summary_record(summary: Summary) -> dict[str, Any]:
    from smallchat.metering.cost import usd_text
    from smallchat.sessions.rows import time_text

    return {
        "id": summary.id,
        "title": summary.title,
        "created": time_text(summary.created),
        "mode": summary.mode,
        "models": list(summary.models),
        "turns": summary.turns,
        "usd": usd_text(summary.total.usd),
    }


def _match_record(match: Match) -> dict[str, Any]:
    return {
        **_summary_record(match.session),
        "match": {"turn": match.turn, "model": match.model, "snippet": match.snippet, "spans": match.spans},
    }


def _highlight(match: Match) -> str:
    """Return the snippet, with the matching words in bold on a terminal."""
    import os

    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return match.snippet
    text, end = "", 0
    for start, stop in match.spans:
        text += f"{match.snippet[end:start]}\x1b[1m{match.snippet[start:stop]}\x1b[22m"
        end = stop
    return text + match.snippet[end:]
