"""Changes the configuration: what is used most, in a form. The file is written in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from smallchat.config.document import name_of
from smallchat.config.errors import ConfigError
from smallchat.safe_text import safe_line, safe_text
from smallchat.tui.screens.base import SmallchatScreen
from smallchat.tui.settings_form import Field, Key, changing, list_fields, read, show
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.lines import Line
from smallchat.tui.widgets.pick import Pick

if TYPE_CHECKING:
    from smallchat.catalog.catalog import Catalog
    from smallchat.config.schema import Settings


class SettingsScreen(SmallchatScreen):
    """Shows the settings; writes those that were changed and leaves all others alone."""

    CSS_PATH = "settings.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012 - typed by Textual
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="save_settings", priority=True,
                tooltip="Write what was changed into the configuration"),
        Binding("f9", "keys", "Keys", id="settings_keys", tooltip="Enter a key for a provider"),
        Binding("escape", "leave", "Back", id="leave_settings", tooltip="Go back; what is not saved is lost"),
    ]  # fmt: skip

    @dataclass
    class Saved(Message):
        """The configuration is written."""

        settings: Settings
        told: str

    @dataclass
    class NotSaved(Message):
        """The configuration is as it was."""

        problems: tuple[str, ...]

    def __init__(
        self,
        config: Path,
        settings: Settings,
        catalog: Catalog,
        themes: tuple[str, ...],
        on_saved: Callable[[Settings, frozenset[Key]], object],
        on_keys: Callable[[], object],
    ) -> None:
        """Change ``settings``.

        Args:
            config: The configuration's file.
            settings: What holds now.
            catalog: Knows the models.
            themes: The names of all themes.
            on_saved: Takes up new settings, and which of them were changed.
            on_keys: Opens the screen that takes keys.
        """
        super().__init__()
        self._config, self._settings, self._catalog = config, settings, catalog
        if settings.app.theme not in themes:
            themes = (settings.app.theme, *themes)
        self._fields = list_fields(themes)
        self._on_saved, self._on_keys = on_saved, on_keys
        self._changed: frozenset[Key] = frozenset()
        self._saving = False

    def compose(self) -> ComposeResult:
        """Yield the form."""
        shown = show(self._settings)
        where = Content.styled(safe_line(name_of(self._config), 200), "$quiet")
        yield Line(Content.styled("Settings", "bold $accent"), where, id="settings-title")
        with VerticalScroll(id="settings", can_focus=False):
            for field in self._fields:
                yield Static(field.label, classes="setting-name", markup=False)
                yield _build(field, shown[field.key])
            yield Static(
                "Models are those of the next start; all else holds from the next prompt on. "
                "The file before is kept beside it as .bak.",
                id="settings-note",
                markup=False,
            )
        yield Line(id="settings-told")
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with the first field."""
        self.query_one(f"#{self._fields[0].id}").focus()

    def _text_of(self, field: Field) -> str:
        widget = self.query_one(f"#{field.id}")
        if isinstance(widget, TextArea):
            return widget.text
        return str(widget.value) if isinstance(widget, Input | Pick) else ""

    # Saving

    @on(Input.Submitted)
    def action_save(self) -> None:
        """Write what was changed."""
        if self._saving:
            return
        values: dict[Key, Any] = {}
        bad: list[Widget] = []
        shown = show(self._settings)
        for field in self._fields:
            problem, text = "", self._text_of(field)
            if text.strip() != shown[field.key].strip():
                try:
                    values[field.key] = read(field.key, text, self._catalog)
                except ConfigError as error:
                    problem = error.problems[0].partition("\n")[0]
                    bad.append(self.query_one(f"#{field.id}"))
            self._mark(field, problem)
        if bad:
            bad[0].focus()
            self._tell("Nothing was saved: see above.", "$error")
        elif not values:
            self._tell("Nothing was changed.", "$quiet")
        else:
            self._saving, self._changed = True, frozenset(values)
            self._tell("Saving…", "$quiet")
            work = partial(self._write, values)
            threading.Thread(target=work, name="smallchat-settings", daemon=True).start()

    def _mark(self, field: Field, problem: str) -> None:
        name = f"{field.id}-problem"
        for line in self.query(f"#{name}").results(Static):
            line.update(Content.styled(safe_text(problem), "$error"))
            line.display = bool(problem)
            return
        if problem:
            said = Content.styled(safe_text(problem), "$error")
            line = Static(said, id=name, classes="setting-problem", markup=False)
            self.query_one("#settings").mount(line, after=f"#{field.id}")

    def _write(self, values: Mapping[Key, Any]) -> None:
        from smallchat.config.reading import load_settings
        from smallchat.config.writing import update_config

        try:
            written = update_config(self._config, changing(values))
            settings = load_settings(self._config)
        except ConfigError as error:
            self.post_message(self.NotSaved(error.problems))
            return
        kept = f"; before: {written.backup.name}" if written.backup else ""
        lost = ", which has the comments" if written.comments_lost else ""
        self.post_message(self.Saved(settings, f"Saved{kept}{lost}."))

    @on(Saved)
    def _take_up(self, message: Saved) -> None:
        self._saving, self._settings = False, message.settings
        later = [field.label for field in self._fields if field.key in self._changed and not field.at_once]
        from_now = f" {' and '.join(later)}: from the next start on." if later else ""
        self._tell(f"✓ {message.told}{from_now}", "$success")
        self._on_saved(message.settings, self._changed)

    @on(NotSaved)
    def _show_problems(self, message: NotSaved) -> None:
        self._saving = False
        named = False
        for field in self._fields:
            table, name = field.key
            said = [text for text in message.problems if f"{table}.{name}" in text or f'"{name}"' in text]
            self._mark(field, said[0] if said else "")
            named = named or bool(said)
        # The file is named above; its path would push what is wrong with it out of sight.
        said_first = message.problems[0].replace(name_of(self._config), "The file", 1)
        self._tell("Nothing was saved." if named else safe_line(said_first, 300), "$error")

    def _tell(self, text: str, style: str) -> None:
        self.query_one("#settings-told", Line).say(Content.styled(safe_line(text, 300), style))

    # Elsewhere

    def action_keys(self) -> None:
        """Enter a key."""
        self._on_keys()

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss()


def _build(field: Field, value: str) -> Widget:
    if field.choices:
        choices = [(safe_line(choice, 40), choice) for choice in field.choices]
        return Pick(choices, value, id=field.id)
    if field.key == ("app", "system"):
        return TextArea(
            safe_text(value), compact=True, tab_behavior="focus", show_line_numbers=False, id=field.id
        )
    return Input(safe_line(value, 600), placeholder=field.hint, compact=True, id=field.id)
