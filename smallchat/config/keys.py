"""API keys: kept from every place where text is shown or stored."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

LONGEST_KEY = 8192  # bytes that any server accepts as one header
MASK = "[key]"
_PLACEHOLDER = 6  # characters; a shorter "key", such as "x", would mask half of every message
_TELLING = 12  # characters of a long key's start that are masked even where the rest was cut off


class BadKey(ValueError):  # noqa: N818 - reads as what it is
    """A text that can not be a key; the message does not contain it."""


class Secret:
    """A key that only :meth:`reveal` shows. Printing, formatting and copying give a mask; pickling fails."""

    __slots__ = ("__value",)

    def __init__(self, text: str, *, spaces: bool = False) -> None:
        """Keep ``text`` without the whitespace around it, which editors and pipes add.

        Args:
            text: The key, or the value of a header.
            spaces: Whether it may have spaces inside, as in ``Bearer …``.

        Raises:
            BadKey: Nothing is left, or it can not be sent in a header.
        """
        value = text.strip()
        if not value:
            raise BadKey("is empty")
        if len(value) > LONGEST_KEY:
            raise BadKey(f"is longer than {LONGEST_KEY} characters")
        if any(character.isspace() and not (spaces and character == " ") for character in value):
            raise BadKey("has a space or line break inside; copy it again")
        if not (value.isascii() and value.isprintable()):
            raise BadKey("has a character that no key has (not plain ASCII); copy it again")
        self.__value = value

    def reveal(self) -> str:
        """Return the key itself, for the one client that sends it."""
        return self.__value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return format("***", spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.__value == other.__value

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key can not be pickled")


def scrub(text: str, secrets: Iterable[Secret]) -> str:
    """Return ``text`` with ``secrets`` masked: as they are, escaped for JSON or a URL, or cut short.

    Placeholders of a few characters stay. Scrub before shortening a text: the less of a key is left, the
    harder it is to find.
    """
    import json
    from urllib.parse import quote

    for secret in secrets:
        key = secret.reveal()
        if len(key) < _PLACEHOLDER:
            continue
        for form in {key, json.dumps(key)[1:-1], quote(key, safe="")}:
            text = text.replace(form, MASK)
        if len(key) >= 2 * _TELLING:
            text = _mask_start(text, key)
    return text


def _mask_start(text: str, key: str) -> str:
    """Mask what begins like ``key``: servers and logs cut long texts off."""
    start = text.find(key[:_TELLING])
    while start >= 0:
        end = start + _TELLING
        while end < len(text) and end - start < len(key) and text[end] == key[end - start]:
            end += 1
        text = text[:start] + MASK + text[end:]
        start = text.find(key[:_TELLING], start + len(MASK))
    return text
