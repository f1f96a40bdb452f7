"""Whether any candidate of a preset can answer here, and what would help if none can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smallchat.config.defaults import LOCAL
from smallchat.config.errors import ConfigError

if TYPE_CHECKING:
    from smallchat.engine.routing import Router
    from smallchat.routing.presets import Preset


def require_candidate(router: Router) -> None:
    """Make sure that somebody can answer.

    Raises:
        ConfigError: No candidate has the key or the weights that it needs; the message says which.
    """
    preset, missing = router.preset, router.missing()
    if len(missing) < len(preset.candidates):
        return
    reasons = ", ".join(dict.fromkeys(missing.values()))
    raise ConfigError(
        f"No candidate of the preset {preset.name} can answer: {reasons}.\n{_find_cure(preset)}"
    )


def _find_cure(preset: Preset) -> str:
    keyed = [model.provider for model in preset.candidates if model.provider != LOCAL]
    if not keyed:
        return "Fetch the built-in model: smallchat local install"
    return (
        f"Add a key: smallchat keys set {keyed[0]}. Or add a preset whose candidates can, such as "
        "smollm2, under [routing.presets]."
    )
