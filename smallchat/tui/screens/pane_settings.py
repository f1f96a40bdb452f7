"""How the current pane asks its model: parameters, the longest answer, the system prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from smallchat.safe_text import safe_line, safe_text
from smallchat.tui.key_names import name_keys
from smallchat.tui.screens.dialog import Dialog
from smallchat.tui.terms import (
    EFFORT,
    EFFORTS,
    BadTerm,
    Terms,
    explain_refusal,
    explain_term,
    read_limit,
    read_number,
)
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.pick import Pick
from smallchat.tui.widgets.text_field import TextBox, TextField

if TYPE_CHECKING:
    from smallchat.catalog.model import Model

_NUMBERS = ("temperature", "top_p")


class PaneSettingsScreen(Dialog["Terms | None"]):
    """Gives back the terms for the next prompts, or ``None`` when all stays as it is."""

    CSS_PATH = "pane_settings.tcss"
    LEFT_BESIDE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "use", "Use", id="use_pane_settings", priority=True,
                tooltip="Ask like this from the next prompt on"),
        Binding("escape", "leave", "Back", id="leave_pane_settings",
                tooltip="Go back, change nothing"),
        Binding("ctrl+r", "reset", "Reset", id="reset_pane_settings",
                tooltip="Ask as the model and the configuration say"),
    ]  # fmt: skip

    def __init__(self, place: int, model: Model, wire: str, terms: Terms, usual: Terms) -> None:
        """Change ``terms``.

        Args:
            place: The pane's number, from 1.
            model: The pane's model.
            wire: The wire that it speaks.
            terms: How the pane asks now.
            usual: How it would ask without any of this.
        """
        super().__init__()
        self._place, self._model, self._wire, self._terms, self._usual = place, model, wire, terms, usual
        self._begun, self._warned = terms, False

    def compose(self) -> ComposeResult:
        """Yield the form."""
        params = self._terms.params
        with Vertical(id="pane-settings") as box:
            # As content: Textual reads a title that is a text as markup.
            box.border_title = Content(f"Pane {self._place} · {safe_line(self._model.label, 40)}")
            with VerticalScroll(id="terms", can_focus=False):
                for name in _NUMBERS:
                    own = self._model.params.get(name)
                    hint = "its own" if own is None else f"its own: {safe_line(str(own), 40)}"
                    value = "" if name not in params else f"{params[name]:g}"
                    yield from self._row(
                        name, TextField(value, placeholder=hint, compact=True, id=f"term-{name}")
                    )
                limit = "" if self._terms.max_output is None else str(self._terms.max_output)
                usual = TextField(
                    limit, placeholder=f"{self._usual.max_output:,}", compact=True, id="term-max_output"
                )
                yield from self._row("max output", usual)
                efforts = [("its own", ""), *((effort, effort) for effort in EFFORTS)]
                if (effort := str(params.get(EFFORT, ""))) not in ("", *EFFORTS):
                    efforts.append((safe_line(effort, 20), effort))
                select = Pick(efforts, effort, id=f"term-{EFFORT}")
                yield from self._row("effort", select)
                yield Static("System prompt", id="term-system-name", markup=False)
                yield TextBox(
                    safe_text(self._terms.system),
                    compact=True,
                    tab_behavior="focus",
                    show_line_numbers=False,
                    placeholder="none",
                    id="term-system",
                )
            yield Static("", id="terms-told", markup=False)
            yield KeyBar(first=["use_pane_settings", "leave_pane_settings"])

    def _row(self, label: str, field: Input | Pick) -> ComposeResult:
        yield Static(label, classes="term-name", markup=False)
        yield field
        yield Static("", classes="term-why", id=f"{field.id}-why", markup=False)

    def on_mount(self) -> None:
        """Begin with the first field that can be filled in."""
        self._show_refusals()
        self._begun = self._read()
        field = next(field for field in self.query("Input") if not field.disabled)
        field.focus()

    @property
    def _effort(self) -> str:
        select = self.query_one(f"#term-{EFFORT}", Pick)
        if not explain_refusal(self._model, self._wire, EFFORT, ""):
            return str(select.value) or str(self._model.params.get(EFFORT, ""))
        return ""

    @on(Pick.Changed)
    def _show_refusals(self) -> None:
        """Disable what the model would answer with an error, and say why."""
        effort = self._effort
        for name in (*_NUMBERS, EFFORT):
            why = explain_refusal(self._model, self._wire, name, effort)
            field = self.query_one(f"#term-{name}")
            field.disabled = bool(why)
            field.set_class(bool(why), "-refused")
            told = self.query_one(f"#term-{name}-why", Static)
            told.set_class(bool(why), "-refused")
            told.update(safe_line(why, 80))

    # The line that explains

    @on(events.DescendantFocus)
    def _explain_focused(self, event: events.DescendantFocus) -> None:
        self._explain(event.widget)

    @on(Input.Changed)
    def _judge_typed(self, event: Input.Changed) -> None:
        if event.input is self.focused:
            self._explain(event.input)

    def _explain(self, field: Widget) -> None:
        """Tell what ``field`` takes, or what is wrong with what it holds."""
        self._warned = False
        name = (field.id or "").removeprefix("term-")
        own, most = self._model.params.get(name), self._model.max_output
        told = Content.styled(explain_term(name, own, most, self._usual.max_output or 0), "$quiet")
        if isinstance(field, Input):
            try:
                self._read_field(name, field.value)
            except BadTerm as problem:
                told = Content.styled(f"✗ {problem}", "$error")
        self.query_one("#terms-told", Static).update(told)

    # What comes of it

    @on(Input.Submitted)
    def action_use(self) -> None:
        """Give the terms back, unless one of them can not be used."""
        try:
            terms = self._read()
        except BadTerm as problem:
            field = self.query_one(f"#term-{problem.name}")
            field.focus()
            self._explain(field)
        else:
            self.dismiss(terms)

    def _read_field(self, name: str, text: str) -> float | None:
        return read_limit(text, self._model.max_output) if name == "max_output" else read_number(name, text)

    def _read(self) -> Terms:
        params = {
            name: value for name, value in self._terms.params.items() if name not in (*_NUMBERS, EFFORT)
        }
        for name in _NUMBERS:
            field = self.query_one(f"#term-{name}", Input)
            if not field.disabled and (number := read_number(name, field.value)) is not None:
                params[name] = number
        select = self.query_one(f"#term-{EFFORT}", Pick)
        if not select.disabled and select.value:
            params[EFFORT] = str(select.value)
        limit = read_limit(self.query_one("#term-max_output", Input).value, self._model.max_output)
        return Terms(params, limit, self.query_one("#term-system", TextArea).text.strip())

    def action_leave(self) -> None:
        """Go back; what was changed is only thrown away when the user says so twice."""
        try:
            changed = self._read() != self._begun
        except BadTerm:
            changed = True
        if self._warned or not changed:
            self.dismiss(None)
            return
        self._warned = True
        told = "! Not used yet: {leave_pane_settings} again throws it away, {use_pane_settings} uses it."
        self.query_one("#terms-told", Static).update(Content.styled(name_keys(self, told), "$warning"))

    def action_reset(self) -> None:
        """Show the usual terms again."""
        for field in self.query("Input").results(Input):
            field.value = ""
        self.query_one(f"#term-{EFFORT}", Pick).value = ""
        self.query_one("#term-system", TextArea).text = safe_text(self._usual.system)
