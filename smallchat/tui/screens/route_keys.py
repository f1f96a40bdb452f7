"""Keys of the routed chat: why this model, another one too, which one was right, all side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from smallchat.config.defaults import MOST_MODELS
from smallchat.config.errors import ConfigError
from smallchat.routing.wording import describe_cost
from smallchat.safe_text import safe_line
from smallchat.tui.screens.base import STILL_STARTING
from smallchat.tui.screens.compare import CompareScreen
from smallchat.tui.widgets.route_lines import RouteLine
from smallchat.tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from smallchat.engine.choice import Choice
    from smallchat.tui.routed_chat import RoutedChat
    from smallchat.tui.screens.decision import DecisionAction


class RoutingScreen(CompareScreen):
    """A screen whose prompts are routed: its keys explain the choice, judge it, and ask others too."""

    KEY_GROUP = "Routing"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+d,d", "explain", "Why", id="explain_route",
                tooltip="Show the whole decision: facts, rules, candidates and what each costs"),
        Binding("alt+o,o", "ask_another", "Ask another", id="ask_another",
                tooltip="Send the same prompt to another candidate too; both answers are kept"),
        Binding("alt+w,w", "mark_wrong", "Wrong route", id="mark_wrong",
                tooltip="Say which model should have answered; kept as a label for later evaluation"),
        Binding("alt+v,v", "compare", "Compare", id="open_compare",
                tooltip="Compare the candidates on this prompt; the same key comes back"),
    ]  # fmt: skip

    routed = True
    chat: RoutedChat | None = None

    @property
    def choice(self) -> Choice | None:
        """The last decision that was acted upon."""
        return self.chat.choice if self.chat is not None else None

    def find_obstacle(self, action: str, parameters: tuple[object, ...] = ()) -> str | None:
        """Return why ``action`` can not be done now."""
        chat = self.chat
        if action == "compare" and chat is None:
            return STILL_STARTING
        if action in ("explain", "mark_wrong", "ask_another") and self.choice is None:
            drafted = action == "explain" and self.query_one(RouteLine).choice is not None
            return None if drafted else "Nothing has been routed yet: write a prompt."
        if action == "ask_another" and self.running:
            return "Stop the answer first ({stop_all})."
        if action == "ask_another" and chat is not None and not chat.others():
            return "No other candidate can answer: {explain_route} tells why."
        return super().find_obstacle(action, parameters)

    def tell_one_pane(self) -> str:
        """Return that there is one pane only, and how to see several models."""
        return "A routed chat has one pane: {open_compare} compares the candidates."

    def action_explain(self) -> None:
        """Show the whole decision: on the draft while one is being written, else on the last prompt."""
        writing = self.composer.has_focus and self.composer.prompt.strip()
        drafted = self.query_one(RouteLine).choice if writing else None
        if self.chat is None or drafted is not None or self.choice is None:
            self._explain(drafted)
        else:
            self._explain(self.choice, self.chat.keeper.turns)

    @on(RouteLine.Clicked)
    def _explain_draft(self, message: RouteLine.Clicked) -> None:
        self._explain(message.choice)

    @on(Transcript.NoteClicked)
    def _explain_turn(self, message: Transcript.NoteClicked) -> None:
        if self.chat is not None and isinstance(message.about, int):
            last = message.about == self.chat.keeper.turns
            self._explain(self.choice if last else self.chat.told.get(message.about), message.about)

    def _explain(self, choice: Choice | None, turn: int = 0) -> None:
        """Show the decision on the turn with that number; without one it is the draft's."""
        from smallchat.tui.decision_text import describe_choice
        from smallchat.tui.screens.decision import DecisionScreen

        chat = self.chat
        if chat is None or choice is None:
            return
        actions: list[DecisionAction] = ["mark_wrong"] if turn else []
        if turn == chat.keeper.turns and turn:
            actions.insert(0, "ask_another")
        text = describe_choice(choice, chat.router.preset, chat.consultant.model)
        self.app.push_screen(DecisionScreen(text, actions), partial(self._go_on_from_decision, choice, turn))

    def _go_on_from_decision(self, choice: Choice, turn: int, action: DecisionAction | None) -> None:
        if action == "mark_wrong":
            self._ask_right(choice, turn)
        elif action == "ask_another" and not self.tell_obstacle(action):
            self.action_ask_another()

    def action_ask_another(self) -> None:
        """Ask which candidate should answer the last prompt too, and ask it."""
        chat, choice = self.chat, self.choice
        if chat is None or choice is None:
            return
        choices = [(name, _describe(choice, name)) for name in chat.others()]
        self._pick("Who should answer this prompt too?", choices, "asks", self._ask_too)

    def _ask_too(self, name: str) -> None:
        question = self.chat.question_to(name) if self.chat is not None else None
        if question is not None:
            self.ask(question)

    def action_mark_wrong(self) -> None:
        """Ask which model should have answered the last prompt, and keep that as a label."""
        if self.chat is not None and self.choice is not None:
            self._ask_right(self.choice, self.chat.keeper.turns)

    def _ask_right(self, choice: Choice, turn: int) -> None:
        chat, chosen = self.chat, choice.decision.model
        if chat is None:
            return
        choices = [(model.name, safe_line(model.label, 60)) for model in chat.models if model.name != chosen]
        title = f"{choice.decision.label(chosen or '')} was chosen. Which model was right for this prompt?"
        doing = "keeps it as a label, the prompt with it"
        self._pick(safe_line(title), choices, doing, partial(self._keep_label, chat, choice, turn))

    def _keep_label(self, chat: RoutedChat, choice: Choice, turn: int, right: str) -> None:
        from smallchat.engine.route_labels import keep_label

        try:
            path = keep_label(chat.backend.services.data_dir, choice, right)
        except ConfigError as error:
            self.toast(str(error), "error")
            return
        label = safe_line(choice.decision.label(right), 60)
        which = "" if turn == chat.keeper.turns else f"turn {turn} "
        self.row.panes[0].transcript.add_note(f"{which}marked as wrong: {label} was right")
        self.toast(f"Kept in {path}.")

    def _pick(
        self, title: str, choices: Sequence[tuple[str, str]], doing: str, then: Callable[[str], object]
    ) -> None:
        from smallchat.tui.screens.pick_candidate import PickCandidateScreen

        def go_on(name: str | None) -> None:
            if name is not None:
                then(name)

        self.app.push_screen(PickCandidateScreen(title, choices, doing), go_on)

    async def action_compare(self) -> None:
        """Compare the candidates on the draft, or else on the last prompt."""
        from smallchat.tui.screens.side_compare import SideCompareScreen

        chat = self.chat
        if chat is None or self.backend is None:
            return
        missing = chat.router.missing()
        names = [model.name for model in chat.models if model.name not in missing][-MOST_MODELS:]
        last = self.choice.prompt if self.choice is not None else ""
        screen = SideCompareScreen(names, self.composer.prompt or last, self.composer.replace_draft)
        await self.app.push_screen(screen)
        screen.use(self.backend)
        screen.enclose(self.enclosed)


def _describe(choice: Choice, name: str) -> str:
    label = safe_line(choice.decision.label(name), 60)
    return f"{label} · {describe_cost(choice.decision.costs.get(name))}"
