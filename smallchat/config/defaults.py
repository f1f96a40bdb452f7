"""What holds where a configuration says nothing."""

from __future__ import annotations

from collections.abc import Callable

THEME = "smallchat-dark"
MAX_OUTPUT = 2048  # tokens of one answer
MOST_MODELS = 3  # panes
PRESET = "subagent"
LOCAL = "local"  # the provider of the built-in model, on this machine's own CPU
SECOND_STAGE = "gpt-5.4-nano"


_OF_OTHERS = {
    "groq": ("groq-llama-4-scout", "groq-gpt-oss-20b"),
    "mistral": ("mistral-small", "ministral-8b"),
    "together": ("together-llama-4-scout", "together-gpt-oss-120b"),
    "fireworks": ("fireworks-gpt-oss-20b", "fireworks-gpt-oss-120b"),
    "openrouter": ("openrouter-gpt-5.4-mini", "openrouter-haiku-4.5"),
}


def choose_models(has_key: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the models to compare when the configuration names none.

    Args:
        has_key: Says whether there is a key for the provider of this name.

    Returns:
        Two models that the user can pay for; none without any key.
    """
    openai, anthropic = has_key("openai"), has_key("anthropic")
    if openai and anthropic:
        return ("gpt-5.4-mini", "claude-haiku-4-5")
    if openai:
        return ("gpt-5.4-mini", "gpt-5.4-nano")
    if anthropic:
        return ("claude-haiku-4-5", "claude-haiku-5-5")
    others = [models for provider, models in _OF_OTHERS.items() if has_key(provider)]
    if len(others) > 1:
        return (others[0][0], others[1][0])
    return others[0] if others else ()
