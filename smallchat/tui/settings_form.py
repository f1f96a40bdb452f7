"""The settings that the app can change: as text in a form, and back as values for the configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from smallchat.config.defaults import MOST_MODELS
from smallchat.config.errors import ConfigError
from smallchat.metering.cost import usd_text
from smallchat.tui.terms import BadTerm, read_limit

if TYPE_CHECKING:
    from smallchat.catalog.catalog import Catalog
    from smallchat.config.schema import Settings

Key = tuple[str, str]
"""Table and name of a setting, such as ``("app", "theme")``."""

CAPS = {
    "per_send": ("a prompt", "that one prompt may cost, all panes together"),
    "session": ("a session", "that a session may cost"),
    "day": ("a day", "for each day"),
    "month": ("a month", "for each month"),
}
RUNS = ("parallel", "sequential")
ON_EXCEED = ("ask", "block", "degrade")


@dataclass(frozen=True, slots=True)
class Field:
    """One setting in the form.

    Attributes:
        key: Where it is in the configuration.
        label: Its name in the form.
        about: What it is for, what it takes, and what it means when it is empty.
        hint: What stands in an empty field.
        choices: What it can be; any text without them.
        at_once: Whether a change holds at once, and not from the next start on.
    """

    key: Key
    label: str
    about: str
    hint: str = ""
    choices: tuple[str, ...] = ()
    at_once: bool = True

    @property
    def id(self) -> str:
        """The id of its widget."""
        return f"setting-{self.key[0]}-{self.key[1]}"


def list_fields(themes: tuple[str, ...]) -> list[Field]:
    """Return the fields of the form, top to bottom."""
    return [
        Field(
            ("app", "models"),
            "Models",
            "Names with commas between; {choose_model} adds one from the list. Empty: by your keys.",
            hint="those that have a key",
            at_once=False,
        ),
        Field(("app", "theme"), "Theme", "F12 in the chat tries them on.", choices=themes),
        Field(
            ("app", "max_output"), "Longest answer", "Tokens, reasoning included. Empty: 2,048.", hint="2,048"
        ),
        Field(
            ("app", "run"),
            "Models answer",
            "All at once, or one after another: for models that share one machine.",
            choices=RUNS,
        ),
        *(
            Field(("budget", cap), f"Most $ {name}", f"US dollars {about}, such as 0.50. Empty: no limit.",
                  hint="no limit")
            for cap, (name, about) in CAPS.items()
        ),
        Field(
            ("budget", "on_exceed"),
            "Over a limit",
            "Ask you, send nothing, or ask the cheapest model that fits alone.",
            choices=ON_EXCEED,
        ),
        Field(
            ("app", "system"), "System prompt", "What every model is told before all prompts.", hint="none"
        ),
    ]  # fmt: skip


def show(settings: Settings) -> dict[Key, str]:
    """Return the settings as the form shows them."""
    app, budget = settings.app, settings.budget
    return {
        ("app", "models"): ", ".join(app.models),
        ("app", "theme"): app.theme,
        ("app", "max_output"): str(app.max_output),
        ("app", "run"): app.run,
        ("app", "system"): app.system,
        ("budget", "on_exceed"): budget.on_exceed,
        **{("budget", cap): _dollars(getattr(budget, cap)) for cap in CAPS},
    }


def read(key: Key, text: str, catalog: Catalog) -> Any:
    """Return the value that ``text`` stands for; ``None`` takes the setting out of the configuration.

    Raises:
        ConfigError: It stands for none.
    """
    if key == ("app", "models"):
        return _read_models(text, catalog)
    if key == ("app", "max_output"):
        return _read_tokens(text)
    if key[0] == "budget" and key[1] in CAPS:
        return _read_dollars(text)
    return text.strip() or None


def changing(values: Mapping[Key, Any]) -> Callable[[dict[str, Any]], None]:
    """Return what writes ``values`` into a configuration's data, and nothing else."""

    def change(data: dict[str, Any]) -> None:
        for (table, name), value in values.items():
            if value is not None:
                data.setdefault(table, {})[name] = value
            elif table in data:
                data[table].pop(name, None)

    return change


def split_names(text: str) -> list[str]:
    """Return the names that stand in ``text`` with commas between them."""
    return [name.strip() for name in text.replace("\n", ",").split(",") if name.strip()]


def _read_models(text: str, catalog: Catalog) -> list[str] | None:
    names = split_names(text)
    if len(names) > MOST_MODELS:
        raise ConfigError(f"One to {MOST_MODELS} models, with commas between them.")
    for name in names:
        catalog.get(name)
        if names.count(name) > 1:
            raise ConfigError(f"{name} is named twice.")
    return names or None


def _read_tokens(text: str) -> int | None:
    try:
        return read_limit(text, None)
    except BadTerm:
        raise ConfigError("A whole number of tokens, such as 2048.") from None


def _read_dollars(text: str) -> Decimal | int | None:
    written = text.strip().removeprefix("$").strip()
    if not written:
        return None
    try:
        usd = Decimal(written)
    except InvalidOperation:
        usd = Decimal("NaN")
    if not (usd.is_finite() and 0 <= usd <= 1_000_000):
        raise ConfigError("US dollars, such as 0.50; empty for no limit.")
    return usd


def _dollars(usd: Decimal | None) -> str:
    return "" if usd is None else usd_text(usd)
