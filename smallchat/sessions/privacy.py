"""What an export leaves out, since it tells of its user: where files are, names of accounts."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

# An absolute path, up to its last name; the slashes of a URL do not begin one.
_PATH = re.compile(r"(?<![\w:/.~\\-])(?:~?/|[A-Za-z]:\\)(?:[^\s/\\:'\"<>|]+[/\\])+")
_PRIVATE = re.compile(r"api_?key|authorization|secret|password|header|(?:^|_)token$|^user$", re.IGNORECASE)


def hide_directories(text: str) -> str:
    """Return ``text`` with absolute paths cut down to their last names."""
    if len(home := os.environ.get("HOME", "")) > 1:
        text = text.replace(home, "~")  # its name may have spaces, at which a path seems to end
    return _PATH.sub("…/", text)


def public_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``params`` without those that name a user or a key."""
    return {name: value for name, value in params.items() if not _PRIVATE.search(name)}
