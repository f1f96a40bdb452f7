"""What is told of an unexpected error: where it happened, never the values of variables, never a key."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterable

from smallchat.config.keys import BadKey, Secret, scrub
from smallchat.safe_text import safe_text

_FRAMES = 6
_KEY_NAMES = ("_API_KEY", "_TOKEN", "_SECRET", "_SECRET_ACCESS_KEY")


def describe_crash(error: BaseException, *, debug: bool, secrets: Iterable[Secret] = ()) -> str:
    """Return a text for stderr.

    Args:
        error: What happened.
        debug: Whether to tell all frames, instead of the last few.
        secrets: Keys to mask, besides those of the environment.
    """
    told = traceback.TracebackException(
        type(error), error, error.__traceback__, limit=None if debug else -_FRAMES, capture_locals=False
    )
    text = scrub("".join(told.format(chain=debug)), [*secrets, *keys_of_environment()])
    advice = "" if debug else "Run it again with --debug to see all of it.\n"
    return f"smallchat met an unexpected error and had to close.\n\n{safe_text(text)}\n{advice}"


def keys_of_environment() -> list[Secret]:
    """Return the values of all variables that look as if they hold a key."""
    found: list[Secret] = []
    for name, value in os.environ.items():
        if name.upper().endswith(_KEY_NAMES):
            try:
                found.append(Secret(value))
            except BadKey:
                continue
    return found
