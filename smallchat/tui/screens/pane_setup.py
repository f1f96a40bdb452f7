"""Keys for who answers and how: a pane's model, its parameters, another pane, the settings, the keys."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from smallchat.config.errors import ConfigError
from smallchat.tui.screens.asking import ENTER_KEY
from smallchat.tui.screens.base import STILL_STARTING
from smallchat.tui.screens.session_keys import SessionScreen
from smallchat.tui.succession import tell_succession
from smallchat.tui.themed_app import ThemedApp
from smallchat.tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from smallchat.catalog.model import Model
    from smallchat.config.schema import Settings
    from smallchat.tui.comparison import Comparison
    from smallchat.tui.screens.model_picker import Picked
    from smallchat.tui.settings_form import Key
    from smallchat.tui.terms import Terms
    from smallchat.tui.widgets.pane import Pane


class PaneSetupScreen(SessionScreen):
    """A screen whose panes can be given other models and other parameters."""

    routed: ClassVar[bool] = False
    """Whether a preset chooses the models, so that the user does not."""

    KEY_GROUP = "Models and settings"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+m", "models", "Models", id="models",
                tooltip="Change the current pane's model, add a pane, or remove one"),
        Binding("alt+p", "pane_settings", "Pane settings", id="pane_settings", show=False,
                tooltip="Set temperature, length, effort and system prompt of the current pane"),
        Binding("f10,alt+t", "settings", "Settings", id="settings", show=False,
                tooltip="Change the configuration: models, theme, length, budget, system prompt"),
        Binding("alt+k", "keys", "Keys", id="keys", show=False,
                tooltip="Enter a key for a provider, tested before it is kept"),
    ]  # fmt: skip

    def say_how_panes_run(self) -> None:
        """Show what has to be known about all panes together."""
        raise NotImplementedError

    def _find_open(self) -> Comparison | None:
        """Return what can be changed now, or say why nothing can."""
        if self.comparison is None:
            self.toast(STILL_STARTING)
        elif self.routed:
            self.toast("The preset chooses the models here; @NAME before a prompt chooses for it alone.")
        elif self.running:
            self.toast(f"Stop the answers first ({self.key_of('stop_all')}): panes change between prompts.")
        else:
            return self.comparison
        return None

    # Models

    def action_models(self) -> None:
        """Choose a model for the current pane."""
        from smallchat.tui.screens.model_picker import ModelPickerScreen

        if (comparison := self._find_open()) is None:
            return
        seated = [seat.model.name for seat in comparison.seats]
        services, current = comparison.backend.services, self.row.current
        picker = ModelPickerScreen(services, seated, current.index)
        self.app.push_screen(picker, partial(self._take_picked, current))

    async def use_model(self, model: Model) -> None:
        """Give ``model`` to the current pane, or say why that can not be."""
        from smallchat.tui.screens.model_picker import Picked

        if (comparison := self._find_open()) is None:
            return
        seated = [seat.model.name for seat in comparison.seats]
        if model.name in seated:
            self.row.turn_to(seated.index(model.name))
        else:
            await self._take_picked(self.row.current, Picked("change", model))

    async def _take_picked(self, pane: Pane, picked: Picked | None) -> None:
        comparison = self.comparison
        if picked is None or comparison is None or comparison.running:
            return
        self.recall.finish()
        if picked.action == "remove":
            await self._remove_pane(comparison, pane)
        elif picked.model is not None and picked.action == "add":
            await self._add_pane(comparison, picked.model)
        elif picked.model is not None:
            self._change_model(comparison, pane, picked.model)
        self._follow_panes()

    def _change_model(self, comparison: Comparison, pane: Pane, model: Model) -> None:
        before = comparison.seats[pane.index].model
        comparison.change_model(pane.index, model)
        self._show_model(pane, model)
        turns = comparison.seats[pane.index].conversation.turns
        if any(turn.images for turn in turns) and not model.vision:
            self.toast(f"{model.label} is not known to read images; this conversation has some.", "warning")
        if turns:
            pane.transcript.add_note(tell_succession(model.label, before.label))

    async def _add_pane(self, comparison: Comparison, model: Model) -> None:
        seat = comparison.add_seat(model)
        if self.row.maximised:
            self.row.maximise()
        pane = await self.row.add(model.name)
        pane.place = seat.place
        self._show_model(pane, model)
        if comparison.keeper.turns:
            pane.transcript.add_note("This pane begins here: it has heard nothing of what was said before.")

    async def _remove_pane(self, comparison: Comparison, pane: Pane) -> None:
        self.row.turn_to(pane.index)
        comparison.remove_seat(pane.index)
        await self.row.remove_current()
        if comparison.keeper.turns:
            self.toast("What this pane answered stays in the session.")

    def _show_model(self, pane: Pane, model: Model) -> None:
        from smallchat.tui.model_choices import NO_KEY, describe

        assert self.backend is not None
        provider = self.backend.services.providers.get(model.provider)
        pane.header.introduce(model.label, provider.label)
        described = describe(model, self.backend.services, ())
        lack = described.lack if described is not None else ""
        if lack == NO_KEY:
            self.toast(
                f"There is no key for {provider.label} yet: {self.key_of('keys')} enters one.", "warning"
            )
        elif lack:
            self.toast(f"{model.label} is {lack} yet: smallchat local install fetches it.", "warning")
        self.backend.engine.warm([model])

    def _follow_panes(self) -> None:
        """Show what follows from other panes or other terms."""
        comparison = self.comparison
        assert comparison is not None
        for pane, seat in zip(self.row.panes, comparison.seats, strict=True):
            pane.place = seat.place
        self._show_terms()
        self.say_how_panes_run()
        self.forecast()
        self.refresh_bindings()

    # Parameters

    def action_pane_settings(self) -> None:
        """Set how the current pane asks."""
        from smallchat.tui.screens.pane_settings import PaneSettingsScreen
        from smallchat.tui.terms import Terms

        if (comparison := self._find_open()) is None:
            return
        pane = self.row.current
        seat, backend = comparison.seats[pane.index], comparison.backend
        try:
            wire = seat.model.wire or backend.services.providers.get(seat.model.provider).wire
        except ConfigError as error:
            self.toast(str(error), "warning")
            return
        usual = Terms({}, comparison.max_output, backend.system_for(seat.model))
        form = PaneSettingsScreen(pane.index + 1, seat.model, wire, Terms.of(seat.conversation), usual)
        self.app.push_screen(form, partial(self._take_terms, pane))

    def _take_terms(self, pane: Pane, terms: Terms | None) -> None:
        if terms is None or self.comparison is None:
            return
        terms.hold_for(self.comparison.seats[pane.index].conversation)
        self._follow_panes()

    # Settings and keys

    def action_settings(self) -> None:
        """Change the configuration."""
        from smallchat.tui.screens.settings import SettingsScreen

        app, backend = self.app, self.backend
        if not isinstance(app, ThemedApp) or app.config is None or backend is None:
            self.toast(STILL_STARTING)
            return
        themes = tuple(app.theme_names())
        app.push_screen(
            SettingsScreen(app.config, backend.services, themes, self._take_settings, self.action_keys)
        )

    def _take_settings(self, settings: Settings, changed: frozenset[Key]) -> None:
        from smallchat.tui.session_app import SessionApp

        app, comparison = self.app, self.comparison
        if not isinstance(app, SessionApp) or self.backend is None:
            return
        after = self.backend.with_settings(settings)
        self.backend = app.backend = after
        if ("app", "theme") in changed and (problem := app.use_theme(settings.app.theme)):
            self.toast(problem, "warning")
        if comparison is None:
            return
        comparison.take_up(after)
        self._follow_panes()

    @on(Transcript.NoteClicked)
    def _enter_key(self, message: Transcript.NoteClicked) -> None:
        if message.about == ENTER_KEY:
            self.action_keys()

    def action_keys(self) -> None:
        """Enter a key."""
        from smallchat.tui.screens.keys import KeysScreen

        app, backend = self.app, self.backend
        if not isinstance(app, ThemedApp) or app.config is None or backend is None:
            self.toast(STILL_STARTING)
            return
        seats = self.comparison.seats if self.comparison is not None else ()
        wanted = {seat.model.provider for seat in seats}
        app.push_screen(KeysScreen(app.config, backend.services.providers, wanted))

    def warm_provider(self, provider: str) -> None:
        """Make what asks ``provider`` ready once more: it has another key."""
        if self.backend is not None and self.comparison is not None:
            models = [seat.model for seat in self.comparison.seats if seat.model.provider == provider]
            self.backend.engine.warm(models)

    def _show_terms(self) -> None:
        from smallchat.tui.terms import Terms, format_terms, tell_apart

        comparison = self.comparison
        assert comparison is not None
        told = [
            format_terms(Terms.of(seat.conversation), comparison.backend.system_for(seat.model))
            for seat in comparison.seats
        ]
        for pane, text in zip(self.row.panes, tell_apart(told), strict=True):
            pane.header.show_terms(text)
