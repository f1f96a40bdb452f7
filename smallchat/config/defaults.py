"""What holds where a configuration says nothing."""

from __future__ import annotations

from collections.abc import Callable

THEME = "smallchat-dark"
MAX_OUTPUT = 2048  # tokens of one answer
MOST_MODELS = 3  # panes
PRESET = "subagent"
SECOND_STAGE = "gpt-5.4-nano"


def choose_models(has_key: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the models to compare when the configuration names none.

    Args:
        has_key: Says whether there is a key for the provider of this name.

    Returns:
        Two models that the user can pay for; none when there is no key for either.
    """
    openai, anthropic = has_key("openai"), has_key("anthropic")
    if openai and anthropic:
        return ("gpt-5.4-mini", "claude-haiku-4-5")
    if openai:
        return ("gpt-5.4-mini", "gpt-5.4-nano")
    if anthropic:
        return ("claude-haiku-4-5", "claude-haiku-5-5")
    return ()
