"""What a decision depends on besides the prompt, looked up before its clock starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from smallchat.config.defaults import LOCAL
from smallchat.config.errors import ConfigError
from smallchat.engine.conversation import Turn
from smallchat.engine.order import Lane, Order
from smallchat.ledger.refusal import describe_cap, format_distinct
from smallchat.metering.cost import CostRange
from smallchat.routing.limits import Situation

if TYPE_CHECKING:
    from smallchat.catalog.model import Model
    from smallchat.engine.budgeting import Budget
    from smallchat.engine.services import Services
    from smallchat.ledger.headroom import Headroom


@dataclass(frozen=True, slots=True)
class Said:
    """What was said before a prompt.

    Attributes:
        turns: The turns, oldest first.
        current: The model that answered the last one; ``None`` on the first.
        session: The session whose budget is spent from.
    """

    turns: Sequence[Turn] = ()
    current: str | None = None
    session: str = ""


NOTHING = Said()
"""What was said before the first prompt."""


class Scene:
    """Knows keys, weights, prices, estimates, and what the budget has room for.

    Attributes:
        equipped: Whether to take every candidate to have its key and weights: nothing is to be sent.
    """

    def __init__(self, services: Services, budget: Budget, max_output: int) -> None:
        """Look nothing up yet; ``max_output`` is the most tokens of an answer."""
        self._services, self._budget, self._max_output = services, budget, max_output
        self.equipped = False

    def situation(
        self, lanes: Mapping[str, Lane], said: Said, pin: str | None, *, over_budget: bool
    ) -> Situation:
        """Return the situation in which one of ``lanes`` is to be chosen.

        Args:
            lanes: What each candidate would be asked, by its name.
            said: What was said before.
            pin: The candidate that the user named.
            over_budget: Whether to take candidates that the budget has no room for.
        """
        services = self._services
        inputs = {name: self.count(lane) for name, lane in lanes.items()}
        costs = {name: self._budget.price_range(lane) for name, lane in lanes.items()}
        prices = {name: services.prices.price(lane.model) for name, lane in lanes.items()}
        missing = {} if self.equipped else self.missing(lane.model for lane in lanes.values())
        refused: dict[str, str | None] = {}
        if not over_budget:
            refused = {name: self.refusal(lane, said.session) for name, lane in lanes.items()}

        def find_refusal(model: Model, cost: CostRange | None) -> str | None:
            return refused.get(model.name)

        return Situation(
            today=date.today(),
            max_output=self._max_output,
            input_tokens=lambda model: inputs[model.name],
            price=lambda model: prices[model.name],
            cost=lambda model: costs[model.name],
            missing_key=lambda model: missing.get(model.name),
            over_budget=find_refusal,
            current=said.current,
            pin=pin,
        )

    def missing(self, models: Iterable[Model]) -> dict[str, str]:
        """Return those of ``models`` that lack a key or weights, with what they lack."""
        lacks = {model.name: self._find_lack(model) for model in models}
        return {name: reason for name, reason in lacks.items() if reason is not None}

    def count(self, lane: Lane) -> int:
        """Return the estimated input of ``lane`` in tokens."""
        return lane.estimate_input(self._services.tokens)

    def refusal(self, lane: Lane, session: str) -> str | None:
        """Return why the budget has no room for ``lane``; ``None`` when it has."""
        return _describe_refusal(self._budget.headroom(Order((lane,), session=session)))

    def _find_lack(self, model: Model) -> str | None:
        providers = self._services.providers
        try:
            provider = providers.get(model.provider)
        except ConfigError as error:
            return error.problems[0]
        if model.provider == LOCAL and model.path is None:
            from smallchat.providers.local import weights

            if not weights.has_engine():
                return "the local extra is not installed"
            return None if weights.installed(self._services.data_dir) else "its weights are not installed"
        if not provider.needs_key or providers.key_source(provider) is not None:
            return None
        return f"no key for {provider.name}"


def _describe_refusal(headroom: Headroom) -> str | None:
    """Return why the budget has no room; ``None`` when it has, or when only sending can tell."""
    if headroom.unpriced:
        return "no price is known, and the budget needs one"
    need = headroom.tightest
    if headroom.trouble or need is None or need.fits:
        return None
    needed, left = format_distinct(need.needed, need.left)
    return f"may cost {needed}, and {left} is left of the {describe_cap(need.cap)}"
