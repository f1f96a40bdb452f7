"""The form of the settings: a label and a field for each, what they hold, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from smallchat.config.errors import ConfigError
from smallchat.safe_text import safe_line, safe_text
from smallchat.tui.settings_form import Field, Key, read
from smallchat.tui.widgets.pick import Pick
from smallchat.tui.widgets.text_field import TextBox, TextField

if TYPE_CHECKING:
    from smallchat.catalog.catalog import Catalog


class SettingsFields(VerticalScroll):
    """Shows ``fields`` and reads them.

    Attributes:
        fields: The settings, top to bottom.
    """

    def __init__(self, fields: Sequence[Field], shown: Mapping[Key, str], catalog: Catalog) -> None:
        """Show what holds now.

        Args:
            fields: The settings, top to bottom.
            shown: What each holds.
            catalog: Knows the models.
        """
        super().__init__(id="settings", can_focus=False)
        self.fields = fields
        self._held = {key: text.strip() for key, text in shown.items()}
        self._catalog = catalog

    def compose(self) -> ComposeResult:
        """Yield labels and fields."""
        for field in self.fields:
            yield Static(field.label, classes="setting-name", id=f"{field.id}-name", markup=False)
            yield _build(field, self._held[field.key])
        yield Static(
            "Models are those of the next start; all else holds from the next prompt on.",
            id="settings-note",
            markup=False,
        )

    def find_field(self, widget: Widget) -> Field | None:
        """Return the setting that ``widget`` is the field of."""
        return next((field for field in self.fields if field.id == widget.id), None)

    def read_text(self, field: Field) -> str:
        """Return what stands in the field, without the space around it."""
        widget = self.query_one(f"#{field.id}")
        if isinstance(widget, TextArea):
            return widget.text.strip()
        return str(widget.value).strip() if isinstance(widget, Input | Pick) else ""

    def read_value(self, field: Field) -> tuple[Any, str]:
        """Return what the field stands for, and what is wrong with it or ""."""
        try:
            return read(field.key, self.read_text(field), self._catalog), ""
        except ConfigError as error:
            return None, error.problems[0].partition("\n")[0]

    def find_changed(self) -> list[Field]:
        """Return the settings that were changed since they were held."""
        return [field for field in self.fields if self.read_text(field) != self._held[field.key]]

    def hold(self, texts: Mapping[Key, str]) -> None:
        """Take ``texts``, which were saved, for what holds now."""
        self._held.update(texts)

    def mark(self, field: Field, problem: str) -> None:
        """Mark the field as wrong, or no more."""
        name = self.query_one(f"#{field.id}-name", Static)
        name.update(Content.styled(f"✗ {field.label}", "$error") if problem else field.label)


def _build(field: Field, value: str) -> Widget:
    if field.choices:
        choices = [(safe_line(choice, 40), choice) for choice in field.choices]
        return Pick(choices, value, id=field.id)
    if field.key == ("app", "system"):
        return TextBox(
            safe_text(value),
            compact=True,
            tab_behavior="focus",
            show_line_numbers=False,
            placeholder=field.hint,
            id=field.id,
        )
    return TextField(safe_line(value, 600), placeholder=field.hint, compact=True, id=field.id)
