"""The prompt library as it is listed: what is in it, and how more gets there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from smallchat.tui.screens.choosing import Item, Listing

if TYPE_CHECKING:
    from smallchat.config.prompts import SavedPrompt

MOST_LISTED = 100
NO_MATCH = "No prompt has these words."


class PromptLibrary:
    """The library, read once, beside a draft that may be kept there.

    Attributes:
        prompts: What is in it by name, once it was read.
    """

    def __init__(self, config: Path, draft: str) -> None:
        """Take the library beside the configuration's file ``config``."""
        from smallchat.config.prompts import library_file

        self._config, self._draft = config, draft
        self._file = _write_path(library_file(config))
        self.prompts: dict[str, SavedPrompt] = {}
        self._trouble = ""
        self._read = False

    @property
    def title(self) -> str:
        """What the list is called."""
        return f"Prompt library · {self._file}"

    def find(self, words: str) -> Listing:
        """Return the prompts with ``words``; without any, also how to add one. Reads files: for a thread."""
        if not self._read:
            self._load()
        wanted = words.casefold().split()
        items = [
            Item(prompt.title, " ".join(prompt.fields) or shorten(prompt.text), prompt.name)
            for prompt in self.prompts.values()
            if all(word in f"{prompt.title} {prompt.name} {prompt.text}".casefold() for word in wanted)
        ]
        more = len(items) - MOST_LISTED
        if more > 0:
            items[MOST_LISTED:] = [
                Item(f"… and {more:,} more", "type to search", fixed="Type to search for others.")
            ]
        if not wanted:
            items += self._list_beginnings()
        return Listing(
            items,
            NO_MATCH if wanted else "Nothing is in it yet: write a prompt, then come back.",
            self._trouble,
        )

    def _list_beginnings(self) -> list[Item]:
        items = []
        if self._draft.strip():
            items.append(Item("+ Keep what you have written", shorten(self._draft), wish="keep"))
        if not self.prompts and not self._trouble:
            items.append(
                Item("+ Begin with three examples", "summarise, translate, review code", wish="begin")
            )
        return items

    def _load(self) -> None:
        from smallchat.config.prompts import read_library

        prompts, problems = read_library(self._config)
        self.prompts = {prompt.name: prompt for prompt in prompts}
        more = f"\n… and {len(problems) - 2} more." if len(problems) > 2 else ""
        self._trouble = "\n".join(problems[:2]) + more
        self._read = True

    def keep(self) -> str:
        """Add the draft to the library and return that it is there.

        Raises:
            ConfigError: It can not be; the library is as it was.
        """
        from smallchat.config.prompt_keeping import keep_prompt

        title = keep_prompt(self._config, self._draft)
        return f"Kept in your library as “{title}”."

    def begin(self) -> None:
        """Write a few prompts to begin with.

        Raises:
            ConfigError: There is a library already, or it can not be written.
        """
        from smallchat.config.prompt_keeping import write_examples

        write_examples(self._config)


def shorten(prompt: str) -> str:
    """Return the first words of ``prompt`` on one line."""
    return " ".join(prompt[:300].split())


def _write_path(path: Path) -> str:
    """Return ``path`` as people write it, with ``~`` for their home."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)
