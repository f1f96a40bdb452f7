"""The second stage: a cheap model names the task of a prompt that no rule matched."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from smallchat.config.errors import ConfigError
from smallchat.engine.choice import Choice, Consulted
from smallchat.engine.order import Lane, Order
from smallchat.engine.seams import Refused
from smallchat.metering.cost import format_usd
from smallchat.providers.base import Message
from smallchat.routing.second_stage import build_question, parse_reply
from smallchat.safe_text import safe_line

if TYPE_CHECKING:
    from smallchat.catalog.model import Model
    from smallchat.config.schema import SecondStageSettings
    from smallchat.engine.budgeting import Budget
    from smallchat.engine.engine import Engine
    from smallchat.engine.running import Running
    from smallchat.engine.services import Services
    from smallchat.metering.answer import Answer

SETTLE_S = 2.0


class Consultant:
    """Asks the second stage's model over the engine, under the budget: a send of its own."""

    def __init__(self, services: Services, engine: Engine, budget: Budget) -> None:
        """Find the model.

        Raises:
            ConfigError: The configuration names one that is not known.
        """
        self._services, self._engine, self._budget = services, engine, budget
        self._settings: SecondStageSettings | None = services.settings.routing.second_stage
        self._model: Model | None = None
        self._running: Running | None = None
        self._stopped = threading.Event()
        if self._settings is not None:
            try:
                self._model = services.catalog.get(self._settings.model)
            except ConfigError as error:
                raise ConfigError(f"[routing.second_stage] model: {error.problems[0]}") from None

    @property
    def model(self) -> Model | None:
        """Who is asked; ``None`` when the second stage is off."""
        return self._model

    def ask(self, choice: Choice) -> Consulted | None:
        """Ask which task the prompt of ``choice`` sets; ``None`` when the second stage is off.

        Waits for the reply, up to the time limit: for a thread beside the screen's. Never raises for what
        the model or its provider does.
        """
        settings, model = self._settings, self._model
        if settings is None or model is None:
            return None
        lane = self._lane(choice, model)
        if trouble := self._find_expense(lane, settings):
            return Consulted(model.name, None, trouble=trouble)
        began = time.perf_counter_ns()
        try:
            order = Order((lane,), session=choice.said.session)
            running = self._running = self._engine.send(order).answers[0]
        except Refused as refused:
            return Consulted(model.name, None, trouble=safe_line(str(refused).partition("\n")[0], 200))
        if self._stopped.is_set():
            running.stop()
        in_time = running.wait(settings.timeout_s)
        if not in_time:
            running.stop()
            running.wait(SETTLE_S)
        ms = (time.perf_counter_ns() - began) / 1e6
        self._running = None
        return _read(model, running.answer, ms, None if in_time else settings.timeout_s)

    def renew(self) -> None:
        """Forget an earlier stop: the next question is another one."""
        self._stopped.clear()

    def stop(self) -> None:
        """End the question that is being asked, or is about to be. From any thread."""
        self._stopped.set()
        if (running := self._running) is not None:
            running.stop()

    def _lane(self, choice: Choice, model: Model) -> Lane:
        tokens = self._services.tokens
        question = build_question(choice.prompt, lambda text: tokens.count(model, text))
        # Reasoning would use up the few tokens of the reply.
        params = {"reasoning_effort": "none"} if model.reasons_by_default else {}
        messages = (Message("user", question.text),)
        return Lane(model, messages, question.system, question.max_output, params, question.schema)

    def _find_expense(self, lane: Lane, settings: SecondStageSettings) -> str:
        """Return why asking would cost too much; empty when it would not."""
        cost = self._budget.price_range(lane)
        if cost is None:
            return "no price is known, so its limit can not be kept"
        if cost.worst > settings.most_usd:
            return (
                f"asking may cost {format_usd(cost.worst)}, over its limit of {format_usd(settings.most_usd)}"
            )
        return ""


def _read(model: Model, answer: Answer | None, ms: float, waited_s: float | None) -> Consulted:
    """Return what an answer says; ``waited_s`` is the time limit when it was not there in time."""
    if answer is None:
        return Consulted(model.name, None, ms, trouble="no reply")
    cost = answer.cost if answer.usage is not None else None
    task = parse_reply(answer.text) if answer.status == "ok" and waited_s is None else None
    if task is not None:
        return Consulted(model.name, task, ms, cost)
    if waited_s is not None:
        trouble = f"no reply within {waited_s:g} s"
    elif answer.error is not None:
        trouble = safe_line(answer.error.message.rstrip("."), 200)
    elif answer.status == "cancelled":
        trouble = "stopped"
    else:
        trouble = "it named no task"
    return Consulted(model.name, None, ms, cost, trouble)
