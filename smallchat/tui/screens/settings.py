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
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from smallchat.config.defaults import MOST_MODELS
from smallchat.config.document import name_of
from smallchat.config.errors import ConfigError
from smallchat.safe_text import safe_line, safe_text
from smallchat.tui.key_names import name_keys
from smallchat.tui.screens.base import SmallchatScreen
from smallchat.tui.settings_form import Field, Key, changing, list_fields, read, show, split_names
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.lines import Line
from smallchat.tui.widgets.pick import Pick

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
        self._fields = list_fields(themes)
        self._on_saved, self._on_keys = on_saved, on_keys
        self._changed: frozenset[Key] = frozenset()
        self._saving = self._warned = False
        self._held: dict[Key, str] = {}
        self._sent: dict[Key, str] = {}

    def compose(self) -> ComposeResult:
        """Yield the form."""
        shown = show(self._settings)
        self._held = {key: text.strip() for key, text in shown.items()}
        where = Content.styled(safe_line(name_of(self._config), 200), "$quiet")
        yield Line(Content.styled("Settings", "bold $accent"), where, id="settings-title")
        with VerticalScroll(id="settings", can_focus=False):
            for field in self._fields:
                yield Static(field.label, classes="setting-name", id=f"{field.id}-name", markup=False)
                yield _build(field, shown[field.key])
            yield Static(
                "Models are those of the next start; all else holds from the next prompt on.",
                id="settings-note",
                markup=False,
            )
        yield Static(id="settings-told", markup=False)
        yield KeyBar(first=["save_settings", "leave_settings"])

    def on_mount(self) -> None:
        """Begin with the first field."""
        self.query_one(f"#{self._fields[0].id}").focus()

    def _text_of(self, field: Field) -> str:
        widget = self.query_one(f"#{field.id}")
        if isinstance(widget, TextArea):
            return widget.text
        return str(widget.value) if isinstance(widget, Input | Pick) else ""

    # The line that explains

    def _field_of(self, widget: Widget) -> Field | None:
        return next((field for field in self._fields if field.id == widget.id), None)

    @on(events.DescendantFocus)
    def _explain_focused(self, event: events.DescendantFocus) -> None:
        if (field := self._field_of(event.widget)) is not None:
            self._explain(field)

    @on(Input.Changed)
    def _judge_typed(self, event: Input.Changed) -> None:
        field = self._field_of(event.input)
        if field is not None and event.input is self.focused:
            self._mark(field, "")
            self._explain(field)

    def _explain(self, field: Field) -> None:
        """Tell what ``field`` takes, or what is wrong with what it holds."""
        self._warned = False
        problem = self._read(field)[1]
        if problem:
            self._tell(f"✗ {problem}", "$error")
        else:
            self._tell(name_keys(self, field.about), "$quiet")

    def _read(self, field: Field) -> tuple[Any, str]:
        """Return what ``field`` stands for, and what is wrong with it."""
        try:
            return read(field.key, self._text_of(field), self._services.catalog), ""
        except ConfigError as error:
            return None, error.problems[0].partition("\n")[0]

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

    def _find_changed(self) -> list[Field]:
        return [field for field in self._fields if self._text_of(field).strip() != self._held[field.key]]

    @on(Input.Submitted)
    def action_save(self) -> None:
        """Write what was changed."""
        if self._saving:
            return
        values: dict[Key, Any] = {}
        bad: list[Widget] = []
        problems: list[str] = []
        changed = self._find_changed()
        for field in self._fields:
            value, problem = self._read(field) if field in changed else (None, "")
            if problem:
                bad.append(self.query_one(f"#{field.id}"))
                problems.append(problem)
            elif field in changed:
                values[field.key] = value
            self._mark(field, problem)
        if bad:
            bad[0].focus()
            self._tell(f"✗ Nothing was saved. {problems[0]}", "$error")
        elif not values:
            self._tell("Nothing was changed.", "$quiet")
        else:
            self._saving, self._changed = True, frozenset(values)
            self._sent = {field.key: self._text_of(field).strip() for field in changed}
            self._tell("Saving…", "$quiet")
            work = partial(self._write, values)
            threading.Thread(target=work, name="smallchat-settings", daemon=True).start()

    def _mark(self, field: Field, problem: str) -> None:
        name = self.query_one(f"#{field.id}-name", Static)
        name.update(Content.styled(f"✗ {field.label}", "$error") if problem else field.label)

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
        self._held.update(self._sent)
        later = [field.label for field in self._fields if field.key in self._changed and not field.at_once]
        from_now = f" {' and '.join(later)}: from the next start on." if later else ""
        self._tell(f"✓ {message.told}{from_now}", "$success")
        self._on_saved(message.settings, self._changed)

    @on(NotSaved)
    def _show_problems(self, message: NotSaved) -> None:
        self._saving = False
        for field in self._fields:
            table, name = field.key
            said = [text for text in message.problems if f"{table}.{name}" in text or f'"{name}"' in text]
            self._mark(field, said[0] if said else "")
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
        if self._warned or self._saving or not self._find_changed():
            self.dismiss()
            return
        self._warned = True
        told = "! Not saved yet: {leave_settings} again throws it away, {save_settings} saves it."
        self._tell(name_keys(self, told), "$warning")


def _build(field: Field, value: str) -> Widget:
    if field.choices:
        choices = [(safe_line(choice, 40), choice) for choice in field.choices]
        return Pick(choices, value, id=field.id)
    if field.key == ("app", "system"):
        return TextArea(
            safe_text(value),
            compact=True,
            tab_behavior="focus",
            show_line_numbers=False,
            placeholder=field.hint,
            id=field.id,
        )
    return Input(safe_line(value, 600), placeholder=field.hint, compact=True, id=field.id)
