"""Alt with a letter or a digit, heard at once and as what it is."""

from __future__ import annotations

from string import ascii_lowercase, digits
from types import SimpleNamespace
from typing import Any, cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS


def hear_alt_at_once() -> None:
    """Let Textual know what most terminals send for Alt and a character: Esc and that character.

    It waits 0.1 s for more after Esc and a letter, by which each screen opens later, and takes Esc and a
    digit for a sign of a Mac's keyboard. Nothing longer begins so: sequences go on after Esc with a
    bracket, a sign or a capital. Alt+B and Alt+F stay what they are, steps from word to word.
    """
    sequences = cast("dict[str, Any]", ANSI_SEQUENCES_KEYS)
    for letter in ascii_lowercase:
        sequences.setdefault(f"\x1b{letter}", _key(letter))
    sequences.update({f"\x1b{digit}": _key(digit) for digit in digits})


def _key(character: str) -> tuple[SimpleNamespace]:
    return (SimpleNamespace(value=f"alt+{character}"),)
