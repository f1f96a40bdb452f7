"""Joins routing to the rest: which candidate answers a prompt here, with these keys and this budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smallchat.engine.choice import Choice, Consulted, consulted_from_record
from smallchat.engine.conversation import Conversation
from smallchat.engine.order import Lane
from smallchat.engine.scene import NOTHING, Said, Scene
from smallchat.metering.cost import usd_of
from smallchat.metering.record_reading import RecordError
from smallchat.metering.usage import Usage
from smallchat.routing import vocabulary
from smallchat.routing.decision import Decision, decide, route_prompt
from smallchat.routing.facts import name_task
from smallchat.routing.limits import Situation
from smallchat.routing.pins import parse_pin
from smallchat.routing.presets import AUTO, Preset, Presets
from smallchat.routing.record_reading import decision_from_record

if TYPE_CHECKING:
    from smallchat.catalog.model import Model
    from smallchat.engine.budgeting import Budget
    from smallchat.engine.services import Services
    from smallchat.providers.base import Image


class Router:
    """Chooses among the candidates of one preset. Counts tokens, reads the ledger: not for a screen's thread.

    Attributes:
        preset: The preset.
        warnings: What is odd about it, one line each.
        schema: The JSON schema that answers must follow; ``None`` for free text.
    """

    def __init__(
        self,
        services: Services,
        budget: Budget,
        name: str = AUTO,
        *,
        max_output: int | None = None,
        system: str | None = None,
        schema: Mapping[str, Any] | None = None,
    ) -> None:
        """Read the preset ``name``.

        Args:
            services: Settings, catalog, prices, estimates, keys.
            budget: What may be spent.
            name: The preset; ``auto`` is the configuration's default.
            max_output: The most tokens of an answer, instead of the configuration's.
            system: The system prompt, instead of the models' own.
            schema: The JSON schema that answers must follow.

        Raises:
            ConfigError: There is no such preset, or it has a mistake.
        """
        presets = Presets(services.settings.routing, services.catalog)
        self.preset: Preset = presets.get(name)
        self.warnings = presets.warnings(self.preset.name)
        self._services = services
        self._max_output = max_output or services.settings.app.max_output
        self._budget = budget
        self._scene = Scene(services, budget, self._max_output)
        self._system = system
        self.schema = schema

    def take_up(self, services: Services) -> None:
        """Decide by other settings from now on; the preset stays as it was read."""
        self._services, self._max_output = services, services.settings.app.max_output
        self._scene = Scene(services, self._budget, self._max_output)

    def decide(
        self,
        prompt: str,
        said: Said = NOTHING,
        *,
        images: tuple[Image, ...] = (),
        files: int = 0,
        over_budget: bool = False,
    ) -> Choice:
        """Return who answers ``prompt``.

        When only the budget leaves nobody, somebody is chosen all the same: the budget then refuses in its
        own words, or asks the user.

        Args:
            prompt: The prompt as the user wrote it, perhaps with a pin.
            said: What was said before.
            images: Pictures that go with it.
            files: How many text files are joined to it.
            over_budget: Whether to take candidates that the budget has no room for.
        """
        vocabulary.load()  # 50 ms the first time, which are not the decision's
        pin, asked = parse_pin(prompt, self.preset.candidates)
        lanes = {model.name: self._lane(model, asked, said, images) for model in self.preset.candidates}
        situation = self._scene.situation(lanes, said, pin, over_budget=over_budget)
        tokens, model = self._services.tokens, self.preset.candidates[0]
        lane = lanes[model.name]
        decision = route_prompt(
            asked,
            self.preset,
            situation,
            tokens=tokens.count(model, asked),
            history_tokens=sum(tokens.count(model, message.text) for message in lane.messages[:-1]),
            system_tokens=tokens.count(model, lane.system),
            images=len(images),
            files=files,
            turn=len(said.turns) + 1,
            schema=self.schema is not None,
        )
        if decision.model is None and not over_budget and self._lacks_only_money(decision, situation):
            situation = self._scene.situation(lanes, said, pin, over_budget=True)
            decision = replace(decide(decision.facts, self.preset, situation), micros=decision.micros)
        choice = Choice(prompt, asked, decision, lanes, situation, said)
        return replace(choice, history_usd=self._history_usd(choice))

    def may_consult(self, choice: Choice) -> bool:
        """Return whether the second stage may be asked about ``choice``: it is on, and no rule matched."""
        decision, on = choice.decision, self._services.settings.routing.second_stage is not None
        undecided = decision.rule is None and decision.fallback and decision.model is not None
        return on and undecided and choice.consulted is None

    def reconsider(self, choice: Choice, consulted: Consulted) -> Choice:
        """Return ``choice`` with what the second stage said taken into account."""
        if consulted.task is None:
            return replace(choice, consulted=consulted)
        assert choice.situation is not None
        before = choice.decision
        facts = name_task(before.facts, consulted.task, before.label(consulted.model))
        decision = replace(decide(facts, self.preset, choice.situation), micros=before.micros)
        choice = replace(choice, decision=decision, consulted=consulted)
        return replace(choice, history_usd=self._history_usd(choice))

    def restore(self, record: Mapping[str, Any], prompt: str, said: Said | None = None) -> Choice | None:
        """Return the choice that was kept as ``record``; ``None`` when that is none.

        Args:
            record: What :meth:`Choice.record` gave; it may come from a file of somebody else.
            prompt: The prompt that it was about.
            said: What was said before; left out, the choice can be told of, not acted on.
        """
        try:
            decision, consulted = decision_from_record(record, self.preset), consulted_from_record(record)
        except RecordError:
            return None
        choice = Choice(prompt, prompt, decision, consulted=consulted)
        if said is None:
            return choice
        facts = replace(decision.facts, turn=len(said.turns) + 1)
        choice = replace(choice, decision=replace(decision, facts=facts))
        lanes = {model.name: self._lane(model, prompt, said, ()) for model in self.preset.candidates}
        return replace(choice, lanes=lanes, said=said)

    def missing(self) -> dict[str, str]:
        """Return the candidates that can not answer for want of a key or of weights, with what they lack."""
        return self._scene.missing(self.preset.candidates)

    def assume_equipped(self) -> None:
        """Decide from now on as if every candidate had its key and weights: nothing is to be sent."""
        self._scene.equipped = True

    def refusal(self, choice: Choice) -> str | None:
        """Return why the budget would not let the chosen model be asked; ``None`` when it would."""
        name = choice.decision.model
        return None if name is None else self._scene.refusal(choice.lanes[name], choice.said.session)

    def _lane(self, model: Model, prompt: str, said: Said, images: tuple[Image, ...]) -> Lane:
        system = self._services.system_for(model) if self._system is None else self._system
        conversation = Conversation(model, system)
        conversation.turns.extend(said.turns)
        return conversation.lane_for(prompt, self._max_output, images, schema=self.schema)

    def _lacks_only_money(self, decision: Decision, situation: Situation) -> bool:
        over = situation.over_budget
        return over is not None and any(
            over(model, None) == dropped.reason
            for dropped in decision.dropped
            for model in self.preset.candidates
            if model.name == dropped.model
        )

    def _history_usd(self, choice: Choice) -> Decimal | None:
        model, current = choice.decision.model, choice.said.current
        if model is None or current in (None, model):
            return None
        lane = choice.lanes[model]
        price = self._services.prices.price(lane.model)
        if price is None or len(lane.messages) < 2:
            return None
        whole = self._scene.count(lane)
        alone = self._scene.count(replace(lane, messages=lane.messages[-1:]))
        return usd_of(Usage(max(0, whole - alone), 0), price)
