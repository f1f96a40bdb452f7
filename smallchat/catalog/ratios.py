"""How many tokens a model really makes of a text, learned from its answers and kept on disk."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

PRIOR_TOKENS = 200.0
"""The weight of the assumed ratio: so many tokens must be learned before an answer counts as much."""

MEMORY_TOKENS = 20_000.0
"""The weight at which older answers begin to fade, so that a changed tokenizer is noticed."""

MIN_TOKENS = 20
"""Shorter answers say more about rounding than about the tokenizer."""

PLAUSIBLE = (0.2, 5.0)
"""A ratio outside says that a server counts something else than its answer's text."""


class Ratios:
    """Running ratios by key: real tokens per counted token.

    Best effort: a file that can not be read or written costs what was learned, never an error. Processes
    that share the file read it anew before each change; when two write at once the last one wins.
    """

    def __init__(self, path: Path) -> None:
        """Keep the ratios in ``path``, which need not exist."""
        self._path = path
        self._lock = threading.Lock()
        self._sums: dict[str, tuple[float, float]] | None = None

    def ratio(self, key: str, assumed: float) -> float:
        """Return real tokens per counted token for ``key``; ``assumed`` before anything was learned."""
        with self._lock:
            if self._sums is None:
                self._sums = _read(self._path)
            counted, real = self._sums.get(key, (0.0, 0.0))
        return (real + assumed * PRIOR_TOKENS) / (counted + PRIOR_TOKENS)

    def learn(self, key: str, counted: int, real: int) -> None:
        """Remember that a text of ``counted`` tokens really had ``real`` ones."""
        if counted < MIN_TOKENS or not PLAUSIBLE[0] <= real / counted <= PLAUSIBLE[1]:
            return
        with self._lock:
            self._sums = (self._sums or {}) | _read(self._path)
            old_counted, old_real = self._sums.get(key, (0.0, 0.0))
            weight = old_counted + counted
            fade = min(1.0, MEMORY_TOKENS / weight)
            self._sums[key] = (weight * fade, (old_real + real) * fade)
            _write(self._path, self._sums)


def _read(path: Path) -> dict[str, tuple[float, float]]:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(stored, dict):
        return {}
    sums = {}
    for key, pair in stored.items():
        match pair:
            case [int() | float() as counted, int() | float() as real]:
                if 0 < counted <= MEMORY_TOKENS and PLAUSIBLE[0] <= real / counted <= PLAUSIBLE[1]:
                    sums[key] = (float(counted), float(real))
    return sums


def _write(path: Path, sums: dict[str, tuple[float, float]]) -> None:
    import tempfile

    stored = {key: (round(counted, 1), round(real, 1)) for key, (counted, real) in sorted(sums.items())}
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=path.name, dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(stored, file, indent=1)
        Path(temporary).replace(path)
    except OSError:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
