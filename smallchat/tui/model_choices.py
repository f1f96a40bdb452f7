"""The models that a pane can be given, as the picker lists, finds and draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from textual.content import Content

from smallchat.config.errors import ConfigError
from smallchat.metering.cost import UNKNOWN
from smallchat.providers.local import weights
from smallchat.safe_text import safe_line
from smallchat.tui.widgets.lines import spread

if TYPE_CHECKING:
    from decimal import Decimal

    from smallchat.catalog.model import Model, Price
    from smallchat.engine.services import Services

NO_KEY = "no key"
SEES = "sees images vision"  # what finds a model that reads images
ONE_LINE = 84  # columns from which all that is said of a model fits on one line


@dataclass(frozen=True, slots=True)
class Choice:
    """A model and what helps to choose it.

    Attributes:
        model: The model.
        provider: Its provider's label.
        lack: What it can not be asked for want of: ``no key`` or ``not fetched``; "" when nothing lacks.
        keyed: Whether there is a key for it.
        pane: The pane that it answers in already, from 1.
    """

    model: Model
    provider: str
    lack: str = ""
    keyed: bool = False
    pane: int | None = None


def list_choices(services: Services, seated: Sequence[str]) -> list[Choice]:
    """Return a choice for each known model: those that can be asked now first, retired ones last."""
    today = date.today()
    described = (describe(model, services, seated) for model in services.catalog.models())
    choices = [choice for choice in described if choice is not None]
    return sorted(choices, key=lambda choice: (choice.model.is_retired(today), bool(choice.lack)))


def describe(model: Model, services: Services, seated: Sequence[str]) -> Choice | None:
    """Return ``model`` as a choice; ``None`` when its provider is not known."""
    providers = services.providers
    try:
        provider = providers.get(model.provider)
    except ConfigError:
        return None
    keyed = providers.key_source(provider) is not None
    lack = NO_KEY if provider.needs_key and not keyed else ""
    if provider.client == "local" and not (weights.has_engine() and _has_weights(model, services)):
        lack = "not fetched"
    pane = seated.index(model.name) + 1 if model.name in seated else None
    return Choice(model, safe_line(provider.label, 40), lack, keyed, pane)


def _has_weights(model: Model, services: Services) -> bool:
    return model.path is not None or weights.installed(services.data_dir) is not None


def find_choices(
    choices: Sequence[Choice], words: str, services: Services, seated: Sequence[str]
) -> list[Choice]:
    """Return the choices in which all ``words`` occur; for ``PROVIDER/ID`` also that model."""
    found = [choice for choice in choices if all(word in _text_of(choice) for word in words.lower().split())]
    name = words.strip()
    if "/" in name and " " not in name:
        try:
            named = describe(services.catalog.get(name), services, seated)
        except ConfigError:
            named = None
        if named is not None and all(named.model.name != choice.model.name for choice in found):
            found.insert(0, named)
    return found


def explain_nothing(words: str, services: Services) -> str:
    """Return why ``words`` find no model, and what would."""
    name = words.strip()
    if "/" in name and " " not in name:
        try:
            services.catalog.get(name)
        except ConfigError as error:
            return error.problems[0].partition("\n")[0]
    return "Nothing found. Any other: PROVIDER/ID, as in groq/llama-guard-4"


def tell_more(model: Model, price: Price | None) -> str:
    """Return what the line of a model has no room for."""
    parts = [f"{model.provider}/{model.wire_id}"]
    if model.retires_on is not None and model.is_retired(date.today()):
        parts.append(f"retired on {model.retires_on}")
    if model.replaced_by:
        parts.append(f"replaced by {model.replaced_by}")
    if model.max_output:
        parts.append(f"writes up to {model.max_output:,}")
    if price is not None and price.as_of is not None:
        parts.append(f"price of {price.as_of}")
    if model.context is None:
        parts.append("limits not known")
    return " · ".join(parts)


def _text_of(choice: Choice) -> str:
    model = choice.model
    words = (
        model.name,
        model.label,
        choice.provider,
        f"{model.provider}/{model.wire_id}",
        SEES if model.vision else "",
        format_tokens(model.context),
        choice.lack or "ready",
        "retired retires" if model.retires_on else "",
    )
    return " ".join(words).lower()


def draw_choice(choice: Choice, prices: Mapping[str, Price | None] | None, width: int) -> list[Content]:
    """Return the line of a choice, or two where it is narrow; without ``prices``, they are not loaded yet."""
    model = choice.model
    retired = model.is_retired(date.today())
    price = UNKNOWN if prices is None else format_rates(prices.get(model.name))
    name = Content.assemble(
        (safe_line(model.label, 30), "$quiet" if retired else "$foreground"),
        (f"  {safe_line(model.name, 60)}" if model.name != model.label else "", "$quiet"),
    )
    roomy = width >= ONE_LINE
    told = _list_badges(choice, retired, short=not roomy)
    badges = Content(" ").join([Content.styled(text, style) for text, style in told])
    facts = f"{format_tokens(model.context):>6}  {'sees' if model.vision else '':<4}"
    if roomy:
        right = Content.assemble(
            badges, (f"  {choice.provider:<14.14}", "$quiet"), (f"{price:>13}  {facts}", "$quiet")
        )
        return [spread(name, right, width)]
    context = f" · {format_tokens(model.context)}" if model.context else ""
    sees = " · sees" if model.vision else ""
    facts = f"  {choice.provider}{context}{sees}"
    if len(facts) + badges.cell_length >= width:
        facts = f"  {choice.provider}"
    below = Content.styled(facts, "$quiet")
    return [spread(name, Content.styled(price, "$quiet"), width), spread(below, badges, width)]


def _list_badges(choice: Choice, retired: bool, *, short: bool) -> list[tuple[str, str]]:
    model, badges = choice.model, []
    if choice.pane is not None:
        badges.append((f"pane {choice.pane}", "$primary"))
    if model.retires_on is not None:
        told = "✗ retired" if retired else f"! ends {model.retires_on:{'%Y-%m' if short else '%Y-%m-%d'}}"
        badges.append((told, "$error" if retired else "$warning"))
    if choice.lack or choice.keyed:
        badges.append((f"✗ {choice.lack}" if choice.lack else "✓ key", "$quiet"))
    return badges


def format_rates(price: Price | None) -> str:
    """Return dollars per million tokens of input and output."""
    if price is None:
        return "no price"
    if not price.base.input and not price.base.output:
        return "free"
    return f"{_dollars(price.base.input)} / {_dollars(price.base.output)}"


def _dollars(rate: Decimal) -> str:
    return f"{rate:.2f}" if rate == round(rate, 2) else f"{rate.normalize():f}"


def format_tokens(count: int | None) -> str:
    """Return ``count`` in short, rounded down: ``128k``, ``1.04M``."""
    if count is None:
        return UNKNOWN
    return f"{count // 10_000 / 100:g}M" if count >= 1_000_000 else f"{count // 1_000}k"
