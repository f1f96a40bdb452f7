"""What is wrong with a configuration, said for people."""

from __future__ import annotations

from collections.abc import Iterable

from smallchat.safe_text import safe_line


class ConfigError(Exception):
    """A configuration, key or option that can not be used; its text says where, what and how to cure it.

    Attributes:
        problems: Everything that was found, one line each; the text of the error names the first.
    """

    def __init__(self, *problems: str) -> None:
        """Keep ``problems``: at least one, each on one line, none with a key in it."""
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        if len(self.problems) == 1:
            return self.problems[0]
        more = len(self.problems) - 1
        return f"{self.problems[0]}\n({more} more: smallchat config check lists them)"


def suggest(word: str, known: Iterable[str]) -> str:
    """Return a sentence that names the one of ``known`` nearest to ``word``, or a few of them."""
    from difflib import get_close_matches

    names = {name.lower(): name for name in known}
    if near := get_close_matches(word[:100].lower(), names, n=1, cutoff=0.5):
        return f'Did you mean "{safe_line(names[near[0]])}"?'
    if not names:
        return "None are known here."
    shown = [safe_line(name, 40) for name in names.values()]
    return f"Known here: {', '.join(shown[:12])}{', …' if len(shown) > 12 else '.'}"


def reason(error: OSError) -> str:
    """Return the operating system's words for ``error``, without its path."""
    return error.strerror or type(error).__name__
