"""Takes a key. It tells the screen what was entered, and does nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, Select, Static

from smallchat.safe_text import safe_line, safe_text


class KeyField(Input):
    """Takes a key that is pasted or typed, and gives it to nobody: not to the clipboard either."""

    def action_copy(self) -> None:
        """Leave the key where it is."""
        raise SkipAction

    def action_cut(self) -> None:
        """Remove what is selected, and keep it nowhere."""
        self.delete_selection()


class KeyForm(Vertical):
    """Takes a key for one provider, and tells what becomes of it.

    Attributes:
        provider: Whose key is entered.
    """

    DEFAULT_CSS = """
    KeyForm #key-row { height: auto; }
    KeyForm #key-anyway { display: none; }
    KeyForm #key-row.-untested #key-anyway { display: block; }
    """

    class KeepAnyway(Message):
        """The user wants the last key kept, although it could not be tested."""

    @dataclass
    class Entered(Message):
        """The user entered a key."""

        provider: str
        key: str

        def __repr__(self) -> str:
            return f"Entered({self.provider!r}, ***)"

    def __init__(self, provider: str = "", title: str = "", text: str = "") -> None:
        """Take a key for ``provider``, below a ``title`` and a ``text``."""
        super().__init__()
        self.provider = provider
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        """Yield the form."""
        yield Static(safe_line(self._title, 80), classes="offer-title", id="key-title", markup=False)
        yield Static(safe_text(self._text), id="key-text", markup=False)
        with Horizontal(classes="row"):
            yield from self.compose_choice()
            with Horizontal(id="key-row"):
                yield KeyField(password=True, placeholder="Paste the key here", compact=True, id="key")
                yield Button("Test and keep", compact=True, id="key-enter")
                yield Button("Keep untested", compact=True, id="key-anyway")

    def compose_choice(self) -> ComposeResult:
        """Yield what chooses the provider: nothing, where others do."""
        yield from ()

    def ask_for(self, provider: str, title: str, text: str) -> None:
        """Take a key for another ``provider``."""
        self.provider = provider
        self.query_one("#key-title", Static).update(Content(safe_line(title, 80)))
        self.query_one("#key", Input).value = ""
        self._show(Content(safe_text(text)))

    def show_test(self, where: str) -> None:
        """Say that the key is being tested, and ``where`` it goes."""
        self._show(Content.styled(safe_line(f"Testing the key at {where}…", 120), "$primary"))

    def show_problem(self, text: str, *, untested: bool = False) -> None:
        """Say what is wrong with the key; one that is ``untested`` can be kept anyway.

        It stays in its field, to be tested again; what is pasted takes its place.
        """
        self._show(Content.styled(f"✗ {safe_text(text)}", "$error"), untested=untested)
        self.query_one("#key-anyway" if untested else "#key").focus()
        self.query_one("#key", Input).select_all()

    def show_good(self, text: str) -> None:
        """Say that all is well; another key can be entered."""
        self._show(Content.styled(f"✓ {safe_text(text)}", "$success"))
        field = self.query_one("#key", Input)
        field.value = ""
        field.focus()

    def show_question(self, text: str) -> None:
        """Ask the user something."""
        self._show(Content.styled(f"! {safe_text(text)}", "$warning"))

    def _show(self, text: Content, *, untested: bool = False) -> None:
        self.query_one("#key-text", Static).update(text)
        self.query_one("#key-row").set_class(untested, "-untested")

    @on(Input.Changed, "#key")
    def _ask_for_a_test(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one("#key-row").remove_class("-untested")  # what is in the field now was never tested

    @on(Button.Pressed, "#key-anyway")
    def _keep_anyway(self, event: Button.Pressed) -> None:
        event.stop()
        self.post_message(self.KeepAnyway())

    @on(Input.Submitted, "#key")
    @on(Button.Pressed, "#key-enter")
    def _tell(self, event: Message) -> None:
        event.stop()
        key = self.query_one("#key", Input).value
        if key.strip():
            self.post_message(self.Entered(self.provider, key))
        else:
            self.show_problem("Paste the key into the field first.")


class KeyOffer(KeyForm):
    """Takes a key for one of several providers."""

    def __init__(self, providers: Sequence[tuple[str, str]]) -> None:
        """Offer ``providers``: pairs of label and name."""
        super().__init__(
            providers[0][1],
            "Use a key you have",
            "It is tested, then kept in your configuration, readable by you alone.",
        )
        self._providers = providers

    def compose_choice(self) -> ComposeResult:
        """Yield the providers."""
        yield Select(self._providers, value=self.provider, allow_blank=False, compact=True, id="provider")

    @on(Select.Changed, "#provider")
    def _turn_to(self, event: Select.Changed) -> None:
        event.stop()
        if event.value != self.provider:
            self.provider = str(event.value)
            self.query_one("#key").focus()
