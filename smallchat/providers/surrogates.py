"""Lone surrogates: half characters that neither UTF-8 nor an SDK's next request can carry."""

from __future__ import annotations


def replace_surrogates(text: str) -> str:
    """Return ``text`` with each lone surrogate as U+FFFD, and each pair of two as the character it means."""
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
