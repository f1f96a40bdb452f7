"""Writes to the user's prompt library."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from smallchat.config.document import LARGEST_FILE, name_of
from smallchat.config.errors import ConfigError
from smallchat.config.prompts import FIELD, library_file, read_library
from smallchat.config.writing import follow_link, write_private
from smallchat.safe_text import safe_line

TITLE_CHARS = 60
_NAME_WORDS = 4


def keep_prompt(config: Path, text: str) -> str:
    """Add ``text`` to the library beside the configuration's file ``config`` and return its title.

    What stands in braces, ``{like this}``, is a placeholder then. The rest of the file stays as it is.

    Raises:
        ConfigError: The file has a mistake, would be too large, or can not be written; it is as it was.
    """
    import tomli_w

    path = follow_link(library_file(config))
    try:
        before = path.read_text(encoding="utf-8-sig") if path.exists() else ""
        tomllib.loads(before)
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{name_of(path)}: {safe_line(str(error), 200)}. Mend this first.") from None
    prompts, _ = read_library(config)
    title = safe_line(" ".join(text.split())[:TITLE_CHARS].strip(), TITLE_CHARS)
    name = _find_name(title, {prompt.name for prompt in prompts} | set(tomllib.loads(before)))
    table = tomli_w.dumps({name: {"title": title, "text": write_template(text)}}, multiline_strings=True)
    after = f"{before.rstrip()}\n\n{table}".lstrip().encode("utf-8", "replace")
    if len(after) > LARGEST_FILE:
        raise ConfigError(f"{name_of(path)} would be larger than 1 MB. Nothing was changed.")
    write_private(path, after)
    return title


def write_examples(config: Path) -> None:
    """Begin the library beside the configuration's file ``config`` with a few prompts.

    Raises:
        ConfigError: There is one already, or it can not be written.
    """
    path = follow_link(library_file(config))
    if path.exists():
        raise ConfigError(f"{name_of(path)} exists already.")
    write_private(path, Path(__file__).with_name("prompts.example.toml").read_bytes())


def write_template(text: str) -> str:
    """Return ``text`` as a template: braces doubled, but those of placeholders."""
    return re.sub(rf"({FIELD})|[{{}}]", lambda match: match[0] if match[1] else match[0] * 2, text)


def _find_name(title: str, taken: set[str]) -> str:
    words = re.findall(r"[a-z0-9]+", title.casefold())[:_NAME_WORDS]
    name = wanted = "-".join(words) or "prompt"
    number = 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name
