"""Untrusted text made safe to show on a terminal.

Model output, served model names, error messages and imported files may carry control sequences that
write the clipboard, change the title or make the terminal type. Every path to a terminal goes through here;
stored text stays as it was received.
"""

from __future__ import annotations

import re

_TAB_NEWLINE = {0x09, 0x0A}
_VISIBLE_C0 = {
    code: 0x2400 + code for code in range(0x20) if code not in _TAB_NEWLINE
}  # U+2400: pictures of controls
_DROPPED = (
    *range(0x80, 0xA0),  # C1: 8-bit CSI, OSC, DCS
    0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A),  # bidi marks and overrides
    *range(0xFFF9, 0xFFFC),  # interlinear annotation
    *range(0xE0000, 0xE0080),  # tag characters: invisible text
)  # fmt: skip
_TABLE: dict[int, int | str | None] = {
    **_VISIBLE_C0,
    0x0D: None,  # a bare carriage return would overwrite its line
    0x7F: 0x2421,
    **dict.fromkeys(_DROPPED),
    0x2028: "\n",  # line and paragraph separators break lines in some terminals
    0x2029: "\n",
    **dict.fromkeys(range(0xD800, 0xE000), 0xFFFD),  # lone surrogates can not be written out
}
# The keys of the table as ranges: one by one they take 2 ms to compile, and 40 times as long to look for.
_UNSAFE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    r"\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def safe_text(text: str) -> str:
    r"""Return ``text`` with nothing in it but text, tabs and newlines.

    C0 controls and DEL become their visible pictures (ESC is shown as "␛"); carriage returns, C1 controls,
    bidi controls and tag characters are dropped; lone surrogates become U+FFFD. Works character by
    character, so that text made safe in pieces equals text made safe at once.
    """
    return text.translate(_TABLE) if _UNSAFE.search(text) else text


def safe_line(text: str, limit: int = 200) -> str:
    """Return ``text`` as one safe line of at most ``limit`` characters, for names and messages."""
    line = " ".join(safe_text(text[: limit * 8]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
