from __future__ import annotations

import pytest

from smallchat.tui.visible import choose_visible, count_fitting


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("width", [10, 40, 80, 200])
def test_the_current_pane_is_always_visible(count: int, width: int) -> None:
    for current in range(count):
        shown = choose_visible(count, current, count_fitting(width))
        assert current in shown
        assert 0 <= shown.start < shown.stop <= count
