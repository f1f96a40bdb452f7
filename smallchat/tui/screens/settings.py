"""Changes the configuration: what is used most, in a form. The file is written in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from smallchat.config.defaults import MOST_MODELS
from smallchat.config.document import name_of
from smallchat.config.errors import ConfigError
from smallchat.safe_text import safe_line
from smallchat.tui.key_names import name_keys
from smallchat.tui.screens.base import SmallchatScreen
from smallchat.tui.settings_form import Field, Key, changing, list_fields, show, split_names
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.lines import Line
from smallchat.tui.widgets.settings_fields import SettingsFields

if TYPE_CHECKING:
    from smallchat.config.schema import Settings
    from smallchat.engine.services import Services
    from smallchat.tui.screens.model_picker import Picked


class SettingsScreen(SmallchatScreen):
    """Shows the settings; writes those that were changed and leaves all others alone."""

    CSS_PATH = "settings.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-wide")]  # noqa: RUF012 - typed by Textual
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012 - typed by Textual
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="save_settings", priority=True,
                tooltip="Write what was changed into the configuration"),
        Binding("f6", "choose_model", "Add a model", id="choose_model",
                tooltip="Choose a model from the list of all, to begin with at the next start"),
        Binding("f9,alt+k", "keys", "Keys", id="settings_keys", tooltip="Enter a key for a provider"),
        Binding("escape", "leave", "Back", id="leave_settings",
                tooltip="Go back; what is not saved is lost, once you say so twice"),
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
        services: Services,
        themes: tuple[str, ...],
        on_saved: Callable[[Settings, frozenset[Key]], object],
        on_keys: Callable[[], object],
    ) -> None:
        """Change the settings of ``services``.

        Args:
            config: The configuration's file.
            services: What holds now, and the models.
            themes: The names of all themes.
            on_saved: Takes up new settings, and which of them were changed.
            on_keys: Opens the screen that takes keys.
        """
        super().__init__()
        self._config, self._services, self._settings = config, services, services.settings
        if self._settings.app.theme not in themes:
            themes = (self._settings.app.theme, *themes)
        self.form = SettingsFields(list_fields(themes), show(self._settings), services.catalog)
        self._on_saved, self._on_keys = on_saved, on_keys
        self._saving: dict[Key, str] = {}  # the texts that are on their way into the file
        self._warned = self._leaving = False

    def compose(self) -> ComposeResult:
        """Yield the form."""
        where = Content.styled(safe_line(name_of(self._config), 200), "$quiet")
        yield Line(Content.styled("Settings", "bold $accent"), where, id="settings-title")
        yield self.form
        yield Static(id="settings-told", markup=False)
        yield KeyBar(first=["save_settings", "leave_settings"])

    def on_mount(self) -> None:
        """Begin with the first field."""
        self._models_field.focus()

    # The line that explains

    @on(events.DescendantFocus)
    def _explain_focused(self, event: events.DescendantFocus) -> None:
        if (field := self.form.find_field(event.widget)) is not None:
            self._explain(field)

    @on(Input.Changed)
    def _judge_typed(self, event: Input.Changed) -> None:
        field = self.form.find_field(event.input)
        if field is not None and event.input is self.focused:
            self.form.mark(field, "")
            self._explain(field)

    def _explain(self, field: Field) -> None:
        """Tell what ``field`` takes, or what is wrong with what it holds."""
        self._warned = False
        _, problem = self.form.read_value(field)
        if problem:
            self._tell(f"✗ {problem}", "$error")
        else:
            self._tell(name_keys(self, field.about), "$quiet")

    # Models from the list

    def action_choose_model(self) -> None:
        """Choose a model to begin with from the list of all."""
        from smallchat.tui.screens.model_picker import ModelPickerScreen

        names = split_names(self._models_field.value)
        if len(names) >= MOST_MODELS:
            self._tell(f"! There are {MOST_MODELS} models already: take one out first.", "$warning")
        else:
            self.app.push_screen(ModelPickerScreen(self._services, names), self._add_model)

    @property
    def _models_field(self) -> Input:
        return self.query_one("#setting-app-models", Input)

    def _add_model(self, picked: Picked | None) -> None:
        field = self._models_field
        if picked is not None and picked.model is not None:
            field.value = ", ".join((*split_names(field.value), picked.model.name))
        field.focus()

    # Saving

    @on(Input.Submitted)
    def action_save(self) -> None:
        """Write what was changed."""
        if self._saving:
            return
        form, changed = self.form, self.form.find_changed()
        values: dict[Key, Any] = {}
        bad: list[tuple[Field, str]] = []
        for field in form.fields:
            value, problem = form.read_value(field) if field in changed else (None, "")
            form.mark(field, problem)
            if problem:
                bad.append((field, problem))
            elif field in changed:
                values[field.key] = value
        if bad:
            field, problem = bad[0]
            form.query_one(f"#{field.id}").focus()
            self._tell(f"✗ Nothing was saved. {problem}", "$error")
        elif not values:
            self._tell("Nothing was changed.", "$quiet")
        else:
            self._saving = {field.key: form.read_text(field) for field in changed}
            self._tell("Saving…", "$quiet")
            work = partial(self._write, values)
            threading.Thread(target=work, name="smallchat-settings", daemon=True).start()

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
        saved, self._saving, self._settings = self._saving, {}, message.settings
        self.form.hold(saved)
        later = [field.label for field in self.form.fields if field.key in saved and not field.at_once]
        from_now = f" {' and '.join(later)}: from the next start on." if later else ""
        self._tell(f"✓ {message.told}{from_now}", "$success")
        self._on_saved(message.settings, frozenset(saved))
        if self._leaving:
            self.dismiss()

    @on(NotSaved)
    def _show_problems(self, message: NotSaved) -> None:
        self._saving, self._leaving = {}, False
        for field in self.form.fields:
            table, name = field.key
            said = [text for text in message.problems if f"{table}.{name}" in text or f'"{name}"' in text]
            self.form.mark(field, said[0] if said else "")
        # The file is named above; its path would push what is wrong with it out of sight.
        said_first = message.problems[0].replace(name_of(self._config), "The file", 1)
        self._tell(f"✗ Nothing was saved. {said_first}", "$error")

    def _tell(self, text: str, style: str) -> None:
        self.query_one("#settings-told", Static).update(Content.styled(safe_line(text, 300), style))

    # Elsewhere

    def action_keys(self) -> None:
        """Enter a key."""
        self._on_keys()

    def action_leave(self) -> None:
        """Go back; what was changed is only thrown away when the user says so twice."""
        if self._saving:
            self._leaving = True  # once it is known how that ends
        elif self._warned or not self.form.find_changed():
            self.dismiss()
        else:
            self._warned = True
            told = "! Not saved yet: {leave_settings} again throws it away, {save_settings} saves it."
            self._tell(name_keys(self, told), "$warning")
