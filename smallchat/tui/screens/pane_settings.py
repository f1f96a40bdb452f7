"""How the current pane asks its model: parameters, the longest answer, the system prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static, TextArea

from smallchat.safe_text import safe_line, safe_text
from smallchat.tui.screens.dialog import Dialog
from smallchat.tui.terms import (
    EFFORT,
    EFFORTS,
    BadTerm,
    Terms,
    explain_refusal,
    read_limit,
    read_number,
)
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.pick import Pick

if TYPE_CHECKING:
    from smallchat.catalog.model import Model

_NUMBERS = ("temperature", "top_p")


class PaneSettingsScreen(Dialog["Terms | None"]):
    """Gives back the terms for the next prompts, or ``None`` when all stays as it is."""

    CSS_PATH = "pane_settings.tcss"
    LEFT_BESIDE = False
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012 - typed by Textual
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "use", "Use", id="use_pane_settings", priority=True,
                tooltip="Ask like this from the next prompt on"),
        Binding("escape", "dismiss(None)", "Back", id="leave_pane_settings",
                tooltip="Go back, change nothing"),
        Binding("ctrl+r", "reset", "Reset", id="reset_pane_settings",
                tooltip="Ask as the model and the configuration say"),
    ]  # fmt: skip

    def __init__(self, model: Model, wire: str, terms: Terms, usual: Terms) -> None:
        """Change ``terms``.

        Args:
            model: The pane's model.
            wire: The wire that it speaks.
            terms: How the pane asks now.
            usual: How it would ask without any of this.
        """
        super().__init__()
        self._model, self._wire, self._terms, self._usual = model, wire, terms, usual

    def compose(self) -> ComposeResult:
        """Yield the form."""
        params = self._terms.params
        with Vertical(id="pane-settings") as box:
            box.border_title = f"How {safe_line(self._model.label, 40)} is asked"
            with VerticalScroll(id="terms", can_focus=False):
                for name in _NUMBERS:
                    own = self._model.params.get(name)
                    hint = "its own" if own is None else f"its own: {own}"
                    value = "" if name not in params else f"{params[name]:g}"
                    yield from self._row(
                        name, Input(value, placeholder=hint, compact=True, id=f"term-{name}")
                    )
                limit = "" if self._terms.max_output is None else str(self._terms.max_output)
                usual = Input(
                    limit, placeholder=f"{self._usual.max_output:,}", compact=True, id="term-max_output"
                )
                yield from self._row("max output", usual)
                efforts = [("its own", ""), *((effort, effort) for effort in EFFORTS)]
                if (effort := str(params.get(EFFORT, ""))) not in ("", *EFFORTS):
                    efforts.append((safe_line(effort, 20), effort))
                select = Pick(efforts, effort, id=f"term-{EFFORT}")
                yield from self._row("effort", select)
                yield Static("System prompt", id="term-system-name", markup=False)
                yield TextArea(
                    safe_text(self._terms.system),
                    compact=True,
                    tab_behavior="focus",
                    show_line_numbers=False,
                    id="term-system",
                )
            yield Static("", id="terms-problem", markup=False)
            yield KeyBar()

    def _row(self, label: str, field: Input | Pick) -> ComposeResult:
        yield Static(label, classes="term-name", markup=False)
        yield field
        yield Static("", classes="term-why", id=f"{field.id}-why", markup=False)

    def on_mount(self) -> None:
        """Begin with the first field that can be filled in."""
        self._show_refusals()
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
            self.query_one(f"#term-{name}").disabled = bool(why)
            self.query_one(f"#term-{name}-why", Static).update(safe_line(why, 80))

    @on(Input.Submitted)
    def action_use(self) -> None:
        """Give the terms back, unless one of them can not be used."""
        try:
            terms = self._read()
        except BadTerm as problem:
            self.query_one("#terms-problem", Static).update(Content.styled(str(problem), "$error"))
            self.query_one(f"#term-{problem.name}").focus()
        else:
            self.dismiss(terms)

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

    def action_reset(self) -> None:
        """Show the usual terms again."""
        for field in self.query("Input").results(Input):
            field.value = ""
        self.query_one(f"#term-{EFFORT}", Pick).value = ""
        self.query_one("#term-system", TextArea).text = safe_text(self._usual.system)
