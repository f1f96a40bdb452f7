"""What was pasted: large texts held as labelled blocks, and paths of files."""

from __future__ import annotations

import os
import re
from pathlib import Path

LONGEST_PATH = 4096
MOST_DROPPED = 20  # files at once
NO_CONTROLS = r"[^\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]*"
"""What an input may hold: it hands what it holds to the terminal as it is."""
_LABEL = re.compile(r"\[pasted text \d+: [\d,]+ characters\]")


class Blocks:
    """Texts too long to edit, each by the label that stands for it in a draft.

    None is ever let go of: a label can come back, by undoing, after its draft was sent.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._texts: dict[str, str] = {}

    def add(self, text: str) -> str:
        """Hold ``text`` and return its label."""
        label = f"[pasted text {len(self._texts) + 1}: {len(text):,} characters]"
        self._texts[label] = text
        return label

    def within(self, draft: str) -> dict[str, str]:
        """Return the blocks whose labels are in ``draft``, in their order there."""
        return {label: self._texts[label] for label in _LABEL.findall(draft) if label in self._texts}

    def expand(self, draft: str) -> str:
        """Return ``draft`` with the blocks in the places of their labels."""
        return _LABEL.sub(lambda match: self._texts.get(match[0], match[0]), draft)

    def fold(self, text: str) -> str:
        """Return ``text`` with labels in the places of blocks that were held before."""
        for label, held in self._texts.items():
            text = text.replace(held, label)
        return text


def find_pasted_path(text: str) -> Path | None:
    """Return the file whose path is all that ``text`` is, as terminals paste a file dropped on them.

    They quote the path, escape its blanks with backslashes, or give it as a ``file:`` URL.
    """
    text = text.strip()
    if not text or len(text) > LONGEST_PATH or not text.isprintable():
        return None
    spellings = [text]
    if text.startswith("file:"):
        from urllib.parse import unquote, urlsplit

        spellings = [unquote(urlsplit(text).path)]
    elif any(sign in text for sign in "\\'\""):
        import shlex

        try:
            words = shlex.split(text)
        except ValueError:
            words = []
        spellings += words if len(words) == 1 else []
    for spelling in spellings:
        if os.sep not in spelling:
            continue  # a word that happens to be a file's name
        try:
            path = Path(spelling).expanduser()
            if str(path).isprintable() and path.is_file():
                return path
        except (OSError, RuntimeError, ValueError):
            continue
    return None


def find_pasted_paths(text: str) -> list[Path]:
    """Return the files whose paths are all that ``text`` is; none if there is anything else in it."""
    if (single := find_pasted_path(text)) is not None:
        return [single]
    import shlex

    found: list[Path] = []
    try:
        words = shlex.split(text) if os.sep in text and len(text) <= LONGEST_PATH else []
    except ValueError:
        words = []
    for word in words:
        path = find_pasted_path(word) if len(found) < MOST_DROPPED else None
        if path is None:
            return []
        found.append(path)
    return found
