from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual.app import App, ComposeResult
from textual.content import Content

from smallchat.tui.widgets.choice_list import ChoiceList
from smallchat.tui.widgets.row_list import RowList


class Rows(RowList):
    @property
    def row_count(self) -> int:
        return 100

    def render_row(self, index: int, width: int) -> Sequence[Content]:
        return [Content(f"row {index}")]


class ListApp(App[None]):
    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {"line": "#4a505c"}

    def compose(self) -> ComposeResult:
        yield Rows()
        yield ChoiceList(*(f"choice {index}" for index in range(100)))


@pytest.mark.parametrize(
    ("keys", "row"),
    [("jjj", 3), ("jjk", 1), ("G", 99), ("Gg", 0), (["ctrl+d"], 5), (["ctrl+d", "ctrl+d", "ctrl+u"], 5)],
)
async def test_letters_move_the_cursor_of_a_list(keys: Sequence[str], row: int) -> None:
    app = ListApp()
    async with app.run_test(size=(40, 20)) as pilot:
        app.query_one(Rows).styles.height = 10
        app.query_one(Rows).focus()
        await pilot.pause()
        await pilot.press(*keys)
        assert app.query_one(Rows).cursor == row


@pytest.mark.parametrize(("keys", "row"), [("jjj", 3), ("jjk", 1), ("G", 99), ("Gg", 0)])
async def test_letters_move_the_cursor_of_choices(keys: Sequence[str], row: int) -> None:
    app = ListApp()
    async with app.run_test(size=(40, 20)) as pilot:
        choices = app.query_one(ChoiceList)
        choices.highlighted = 0
        choices.focus()
        await pilot.pause()
        await pilot.press(*keys)
        assert choices.highlighted == row
