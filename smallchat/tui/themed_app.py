"""An app whose looks are data: it finds themes, tries them on, and takes up what is saved in them."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from textual import on
from textual.message import Message

from smallchat.config.defaults import THEME
from smallchat.config.errors import ConfigError
from smallchat.tui.leaving_app import LeavingApp
from smallchat.tui.theme import find_theme, flatten, load_theme, read_stamp, shipped_themes

LOOK_EVERY_S = 1.0  # at the file of the user's own theme


class ThemedApp(LeavingApp):
    """Uses a theme by name. A bad one is told, and the one before stays."""

    @dataclass
    class ThemeSaved(Message):
        """The theme was written into the configuration, or could not be."""

        told: str
        failed: bool = False

    def __init__(
        self,
        *,
        theme: str = THEME,
        user_themes: Path | None = None,
        config: Path | None = None,
        **options: Any,
    ) -> None:
        """Begin with ``theme``.

        Args:
            theme: The name of a theme.
            user_themes: Where the user's own themes are.
            config: The configuration's file, to keep another theme in.
            options: Those of the app.
        """
        super().__init__(**options)
        self.config = config
        self._user_themes = user_themes
        self._theme_file: Path | None = None
        self._theme_stamp: tuple[int, int] | None = None
        self._theme_problem = self.use_theme(theme)
        if self._theme_problem:
            self.use_theme(THEME)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return our own variables, for themes that do not have them."""
        return {"quiet": "#868e9b", "line": "#4a505c"}

    def on_mount(self) -> None:
        """Tell what is wrong with the theme, and look out for changes of it."""
        if self._theme_problem:
            self.toast(self._theme_problem, "warning")
        if self._user_themes is not None:
            self.set_interval(LOOK_EVERY_S, self.reload_theme)

    def theme_names(self) -> list[str]:
        """Return the names of all themes: the user's own, ours, then those of Textual."""
        directories = [self._user_themes, shipped_themes()]
        groups = [directory.glob("*.toml") for directory in directories if directory is not None]
        names = [name for group in groups for name in sorted(path.stem for path in group)]
        others = sorted(name for name in self.available_themes if "ansi" not in name)
        return list(dict.fromkeys([*names, *others]))

    def use_theme(self, name: str) -> str:
        """Use the theme ``name``; return what is wrong with it, the theme before then stays, or ""."""
        try:
            path = find_theme(name, self._user_themes)
        except ConfigError as error:
            if name not in self.available_themes:
                return str(error)
            path = None
        stamp = read_stamp(path) if path else None
        try:
            theme = load_theme(path) if path else self.available_themes[name]
        except ConfigError as error:
            return str(error)
        self.register_theme(flatten(theme) if self.console.color_system == "standard" else theme)
        self._theme_file, self._theme_stamp = path, stamp
        if self.theme == name and self.is_running:
            self.mutate_reactive(ThemedApp.theme)  # other colours under the same name
        self.theme = name
        return ""

    def reload_theme(self) -> None:
        """Take up what was saved in the file of the user's theme since it was read."""
        path = self._theme_file
        if path is None or path.parent != self._user_themes:
            return
        stamp = read_stamp(path)
        if stamp is None or stamp == self._theme_stamp:
            return
        self._theme_stamp = stamp
        if problem := self.use_theme(path.stem):
            self.toast(problem, "warning")

    def keep_theme(self, name: str) -> None:
        """Use the theme ``name`` from now on, also after the next start."""
        if problem := self.use_theme(name):
            self.toast(problem, "warning")
        elif self.config is not None:
            job = partial(self._save_theme, self.config, name)
            threading.Thread(target=job, name="smallchat-theme", daemon=True).start()

    def _save_theme(self, config: Path, name: str) -> None:
        from smallchat.config.writing import update_config

        try:
            update_config(config, lambda data: data.setdefault("app", {}).update(theme=name))
        except ConfigError as error:
            self.post_message(self.ThemeSaved(f"The theme is not kept: {error}", failed=True))
        else:
            self.post_message(self.ThemeSaved(f"Kept in {config.name}: the theme {name}."))

    @on(ThemeSaved)
    def _tell_saved(self, message: ThemeSaved) -> None:
        self.toast(message.told, "warning" if message.failed else "information")
