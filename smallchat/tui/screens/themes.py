"""The theme picker: the screen below wears each theme that is pointed at."""

from __future__ import annotations

from smallchat.tui.commands import Command, find_themes
from smallchat.tui.screens.palette import PaletteScreen


class ThemesScreen(PaletteScreen):
    """Lists the themes only, beside what they colour; begins at the one that is worn."""

    HELP = "Enter keeps the theme in the configuration, Esc goes back to the one before."
    PLACEHOLDER = "Search themes"
    ENTER_DOES = "keeps it"
    ESC_DOES = "keeps the one before"

    def find(self) -> list[Command]:
        """Return the themes, the one that is worn first."""
        return sorted(find_themes(self._smallchat), key=lambda command: command.theme != self.app.theme)

    def read_more(self) -> None:
        """There is no more."""
        self.complete = True
