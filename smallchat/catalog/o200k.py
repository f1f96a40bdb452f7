"""The o200k_base tokenizer, from the table that comes with smallchat: offline, loaded once per process."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktoken import Encoding

TABLE = Path(__file__).parent / "tiktoken" / "fb374d419588a4632f3f557e76b4b70aebbca790"
TABLE_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"

SLICE_CHARS = 16_384
"""Characters handed to tiktoken at once. A run of a million spaces overflows its stack; this is far below."""

EXACT_CHARS = 6 * SLICE_CHARS
"""Longer texts are counted by six slices spread over them: a key typed below a pasted book stays quick."""

_CUT_SEARCH_CHARS = 512
_BETWEEN_WORDS = re.compile(r"(?<=[a-z]) (?=[a-z])")
_MAX_COUNTS = 4096

_lock = threading.Lock()
_tried = False
_encoding: Encoding | None = None

# The turns of a conversation are counted again with each key typed below them. Kept by hash: the texts
# themselves would keep every version of a pasted megabyte.
_counts: dict[tuple[int, int], int] = {}


def load() -> bool:
    """Load the table, if that was not done before, and return whether it can be used.

    Takes 0.3 s the first time, so it belongs in a thread of its own. Never downloads anything.
    """
    global _encoding, _tried
    with _lock:
        if not _tried:
            _encoding = _read_encoding()
            _tried = True
        return _encoding is not None


def is_loaded() -> bool:
    """Return whether texts are counted by the table; before that they are estimated."""
    return _encoding is not None


def count(text: str) -> int:
    """Return the number of o200k_base tokens in ``text``; special tokens count as the text they are.

    Exact up to ``EXACT_CHARS`` characters (a cut inside a word may add a token per slice), extrapolated
    beyond. A quarter of the UTF-8 bytes before the table is loaded.
    """
    if _encoding is None:
        return -(-len(text.encode(errors="replace")) // 4)
    key = (len(text), hash(text))
    if (counted := _counts.get(key)) is None:
        if len(_counts) >= _MAX_COUNTS:
            _counts.clear()
        counted = _counts[key] = _count_slices(text)
    return counted


def _count_slices(text: str) -> int:
    if len(text) <= EXACT_CHARS:
        return sum(_count_slice(text[start:end]) for start, end in _cut(text))
    slices = EXACT_CHARS // SLICE_CHARS
    stride = (len(text) - SLICE_CHARS) // (slices - 1)
    sampled = sum(_count_slice(text[i * stride : i * stride + SLICE_CHARS]) for i in range(slices))
    return round(sampled * len(text) / EXACT_CHARS)


def _count_slice(text: str) -> int:
    assert _encoding is not None
    return len(_encoding.encode_ordinary(text))


def _cut(text: str) -> list[tuple[int, int]]:
    """Cut ``text`` into slices, where possible between two words: there the tokenizer splits anyway."""
    cuts = [0]
    while len(text) - cuts[-1] > SLICE_CHARS:
        end = cuts[-1] + SLICE_CHARS
        spaces = [found.start() for found in _BETWEEN_WORDS.finditer(text, end - _CUT_SEARCH_CHARS, end)]
        cuts.append(spaces[-1] if spaces else end)
    return list(zip(cuts, [*cuts[1:], len(text)], strict=True))


def _read_encoding() -> Encoding | None:
    import hashlib

    # tiktoken deletes a table with a wrong hash and downloads another: it must not get that far.
    try:
        if hashlib.sha256(TABLE.read_bytes()).hexdigest() != TABLE_SHA256:
            return None
    except OSError:
        return None
    import tiktoken

    previous = os.environ.get("TIKTOKEN_CACHE_DIR")
    os.environ["TIKTOKEN_CACHE_DIR"] = str(TABLE.parent)
    try:
        return tiktoken.get_encoding("o200k_base")
    finally:
        if previous is None:
            del os.environ["TIKTOKEN_CACHE_DIR"]
        else:
            os.environ["TIKTOKEN_CACHE_DIR"] = previous
