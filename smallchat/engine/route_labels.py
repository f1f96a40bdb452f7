"""Routes that the user called wrong, with the model that would have been right: one JSON line each."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from smallchat.config.errors import ConfigError, reason

if TYPE_CHECKING:
    from smallchat.engine.choice import Choice

FILE_NAME = "route-labels.jsonl"


def keep_label(data_dir: Path, choice: Choice, right: str) -> Path:
    """Add that ``right`` should have answered the prompt of ``choice``, and return the file.

    Each line has the ``prompt``, the ``preset``, what it ``told`` and chose, and the ``right`` model. Any
    terminal may add lines: each is written at once.

    Raises:
        ConfigError: It can not be written.
    """
    decision = choice.decision
    label = {
        "prompt": choice.prompt,
        "preset": decision.preset,
        "right": right,
        "chosen": decision.model,
        "told": {"task": decision.facts.task, "rule": decision.rule},
        "turn": decision.facts.turn,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    line = json.dumps(label, ensure_ascii=False) + "\n"
    path = data_dir / FILE_NAME
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, line.encode("utf-8", "replace"))
        finally:
            os.close(file)
    except OSError as error:
        raise ConfigError(f"{path}: {reason(error)}. The label was not kept.") from None
    return path
