"""Which panes fit beside one another."""

from __future__ import annotations

from smallchat.config.defaults import MOST_MODELS

NARROWEST_PANE = 35  # columns in which figures and prose can still be read


def count_fitting(width: int) -> int:
    """Return how many panes fit into ``width`` columns: one at the least."""
    return max(1, min(MOST_MODELS, width // NARROWEST_PANE))


def choose_visible(count: int, current: int, fitting: int) -> range:
    """Return the panes to show: as many neighbours as fit, the current one among them.

    Args:
        count: How many panes there are.
        current: The pane that must be seen.
        fitting: How many fit.
    """
    shown = max(1, min(count, fitting))
    first = min(max(0, current - shown + 1), count - shown)
    return range(first, first + shown)
