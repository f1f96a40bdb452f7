"""The keys of all providers: who has one and from where; entered, tested, replaced, removed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from smallchat.config.document import name_of
from smallchat.config.errors import ConfigError
from smallchat.config.provider import KEYLESS_CLIENTS
from smallchat.safe_text import safe_line
from smallchat.tui.screens.key_saving import KeySavingScreen
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.key_form import KeyForm
from smallchat.tui.widgets.lines import Line
from smallchat.tui.widgets.provider_list import ProviderList
from smallchat.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from smallchat.config.provider import Provider, Providers
    from smallchat.tui.session_app import SessionApp


class KeysScreen(KeySavingScreen):
    """Takes keys one after another; each is at work as soon as it is kept."""

    CSS_PATH = "keys.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-wide")]  # noqa: RUF012 - typed by Textual
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012 - typed by Textual
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", id="key_up", show=False, tooltip="Go to the provider above"),
        Binding("down", "move(1)", "Down", id="key_down", show=False, tooltip="Go to the provider below"),
        Binding("pageup", "move_page(-1)", "Page up", id="keys_up", show=False, tooltip="Go a page up"),
        Binding("pagedown", "move_page(1)", "Page down", id="keys_down", show=False,
                tooltip="Go a page down"),
        Binding("f5", "test", "Test", id="test_key",
                tooltip="Test the key that there is with one request, which costs nothing"),
        Binding("f7", "remove", "Remove", id="remove_key",
                tooltip="Take the provider's key out of the configuration"),
        Binding("escape", "leave", "Back", id="leave_keys", tooltip="Go back"),
        Binding(
            "tab", "app.focus_next", "Next", id="next_in_keys", show=False, tooltip="Go to the next field"
        ),
    ]  # fmt: skip

    @dataclass
    class Tested(Message):
        """The key that a provider has was tested."""

        provider: str
        told: str
        good: bool

    @dataclass
    class Removed(Message):
        """A key is no longer in the configuration."""

        provider: str
        told: str

    def __init__(self, config: Path, providers: Providers, wanted: Collection[str] = ()) -> None:
        """Enter keys.

        Args:
            config: The configuration's file, which keeps them.
            providers: Who needs keys, and has them.
            wanted: The providers that are asked now: one of them without a key is offered first.
        """
        super().__init__(config)
        self._providers = providers
        known = [providers.get(name) for name in providers.names()]
        takers = [provider for provider in known if provider.client not in KEYLESS_CLIENTS]
        takers.sort(key=lambda taker: taker.name not in wanted or bool(providers.key_source(taker)))
        self.list = ProviderList(takers, providers)
        self._removing = ""

    def compose(self) -> ComposeResult:
        """Yield the form, and who has a key."""
        where = Content.styled(safe_line(name_of(self.config), 200), "$quiet")
        yield Line(Content.styled("Keys", "bold $accent"), where, id="keys-title")
        provider = self.list.current
        yield KeyForm(provider.name, f"The key for {provider.label}", self._explain(provider))
        yield self.list
        yield KeyBar(first=["leave_keys"])

    def on_mount(self) -> None:
        """Begin with the key."""
        self.list.can_focus = False
        self.query_one("#key", Input).focus()

    def _explain(self, provider: Provider) -> str:
        source = self._providers.key_source(provider)
        if source == "config":
            return "It is in your configuration. Another one replaces it."
        if source == "command":
            return "It comes from key_command. One entered here replaces that."
        if source is not None:
            return f"It comes from {source}. One entered here is used instead."
        if provider.base_url is None:
            return "None yet; AZURE_OPENAI_ENDPOINT or base_url has to say where it goes."
        kept = "What you paste is tested, then kept for you alone."
        return f"None yet. {kept}" if provider.needs_key else f"It needs none. {kept}"

    # Which provider

    def action_move(self, step: int) -> None:
        """Go to another provider."""
        self.list.action_move(step)

    def action_move_page(self, step: int) -> None:
        """Go a page up or down."""
        self.list.action_move_page(step)

    @on(RowList.Moved)
    def _turn_to(self) -> None:
        provider, form = self.list.current, self.query_one(KeyForm)
        if form.provider != provider.name:
            self._removing = ""
            form.ask_for(provider.name, f"The key for {provider.label}", self._explain(provider))
            self.query_one("#key", Input).focus()

    # What becomes of its key

    @on(KeySavingScreen.KeyKept)
    def _show_kept(self, message: KeySavingScreen.KeyKept) -> None:
        self._tell(message.provider, message.told, good=True)

    def _tell(self, provider: str, told: str, *, good: bool) -> None:
        self.list.refresh()
        form = self.query_one(KeyForm)
        if provider != form.provider:
            self.toast(told, "information" if good else "warning")
        elif good:
            form.show_good(told)
        else:
            form.show_problem(told)

    def action_test(self) -> None:
        """Test the key that the provider has."""
        provider = self.list.current
        if self._providers.key_source(provider) is None:
            self._tell(provider.name, f"{provider.label} has no key yet.", good=False)
        else:
            self.do_beside(partial(self._test_kept, provider))

    def _test_kept(self, provider: Provider) -> Message:
        try:
            key = self._providers.key_for(provider)  # may run the user's command
        except ConfigError as error:
            return self.Tested(provider.name, str(error), good=False)
        if key is None:
            return self.Tested(provider.name, "It has none.", good=False)
        check = self.ask_about(provider, key)
        told = f"The key for {provider.label} works." if check.verdict == "accepted" else check.text
        return self.Tested(provider.name, told, good=check.verdict == "accepted")

    @on(Tested)
    def _show_tested(self, message: Tested) -> None:
        self._tell(message.provider, message.told, good=message.good)

    def action_remove(self) -> None:
        """Take the provider's key out of the configuration, once the user has said so twice."""
        provider = self.list.current
        source = self._providers.key_source(provider)
        if source not in ("config", "command"):
            told = (
                f"It comes from {source}: unset that in your shell." if source else "There is none to remove."
            )
            self._tell(provider.name, told, good=False)
        elif self._removing != provider.name:
            self._removing = provider.name
            what = "key" if source == "config" else "key_command"
            key = self.key_of("remove_key")
            self.query_one(KeyForm).show_question(
                f"Take the {what} for {provider.label} out of {self.config.name}? {key} again does it."
            )
        else:
            self._removing = ""
            self.do_beside(partial(self._remove, provider))

    def _remove(self, provider: Provider) -> Message:
        from smallchat.config.writing import remove_key

        try:
            written = remove_key(self.config, provider.name)
        except ConfigError as error:
            return self.Tested(provider.name, str(error), good=False)
        self._providers.forget_key(provider.name)
        kept = f"; {written.backup.name} still has it" if written.backup else ""
        now = self._providers.key_source(self._providers.get(provider.name))
        instead = f" {now} is used from now on." if now else ""
        return self.Removed(provider.name, f"Removed{kept}.{instead}")

    @on(Removed)
    def _show_removed(self, message: Removed) -> None:
        self._tell(message.provider, message.told, good=True)

    def tell_elsewhere(self, app: SessionApp, result: Message) -> None:
        """Tell ``result`` to who has left."""
        if isinstance(result, self.Tested | self.Removed):
            app.toast(result.told)
        else:
            super().tell_elsewhere(app, result)
