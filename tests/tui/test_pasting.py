"""What was pasted: blocks, and paths of files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.widgets import Input

from smallchat.tui.past_prompts import PastPrompts
from smallchat.tui.pasting import Blocks, find_pasted_path, find_pasted_paths
from smallchat.tui.screens.path import PathScreen
from tests.tui.fakes import Stage


@pytest.mark.parametrize("spelling", ["{}", "'{}'", '"{}" ', "file://{url}", "{escaped}\n"])
def test_a_dropped_file_is_found_however_the_terminal_writes_it(tmp_path: Path, spelling: str) -> None:
    path = tmp_path / "a cat's.png"
    path.write_text("x")
    plain = str(path)
    if spelling.startswith("'"):
        plain = plain.replace("'", "'\\''")
    pasted = spelling.format(
        plain, url=plain.replace(" ", "%20"), escaped=plain.replace(" ", "\\ ").replace("'", "\\'")
    )
    assert find_pasted_path(pasted) == path


@pytest.mark.parametrize(
    "text", ["", "notes.txt", "/none/such.txt", "see {}", "{}\n{}", "{}\x1b[31m", "~nobody/x"]
)
def test_other_text_is_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "notes.txt").write_text("x")
    monkeypatch.chdir(tmp_path)
    assert find_pasted_path(text.replace("{}", str(tmp_path / "notes.txt"))) is None


@pytest.mark.parametrize("spelling", ["{0} {1}", "'{0}' '{1}' ", "{0}\n{1}\n", "file://{0} {1}"])
def test_several_dropped_files_are_found(tmp_path: Path, spelling: str) -> None:
    paths = [tmp_path / "a.png", tmp_path / "b.txt"]
    for path in paths:
        path.write_text("x")
    assert find_pasted_paths(spelling.format(*paths)) == paths
    assert find_pasted_paths(f"see {spelling.format(*paths)}") == []
    assert find_pasted_paths(" ".join([str(paths[0])] * 21)) == []
    assert find_pasted_paths(f"{paths[0]} 'open") == []


def test_a_file_whose_name_acts_on_the_terminal_is_no_path(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b]0;owned\x07b"
    path.write_text("x")
    assert (
        find_pasted_path(str(path).replace("\x1b", "%1B").replace("\x07", "%07").join(("file://", "")))
        is None
    )


@given(st.text(), st.text())
def test_any_paste_is_looked_at_without_harm(before: str, after: str) -> None:
    find_pasted_paths(f"{before}/{after}")


def test_blocks_keep_their_labels_apart() -> None:
    blocks = Blocks()
    first, second = blocks.add("same"), blocks.add("same")
    assert first != second
    assert blocks.expand(f"{second} {first}") == "same same"
    assert list(blocks.within(second)) == [second]


def test_a_block_that_holds_a_label_is_not_looked_into() -> None:
    blocks = Blocks()
    first = blocks.add("text")
    second = blocks.add(f"about {first}")
    assert blocks.expand(second) == f"about {first}"
    assert blocks.expand("[pasted text 9: 5 characters]") == "[pasted text 9: 5 characters]"


def test_a_text_that_was_pasted_before_is_a_label_again() -> None:
    blocks = Blocks()
    label = blocks.add("a long text")
    assert blocks.fold("See a long text, please") == f"See {label}, please"


@given(st.lists(st.text(), max_size=5), st.lists(st.booleans(), max_size=20))
def test_the_history_never_leaves_its_ends(prompts: list[str], moves: list[bool]) -> None:
    past = PastPrompts()
    past.begin(prompts)
    at = -1
    for older in moves:
        if older:
            found = past.older()
            assert found == (prompts[at + 1] if at + 1 < len(prompts) else None)
            at = min(at + 1, len(prompts) - 1)
        else:
            at = max(-1, at - 1)
            assert past.newer() == (prompts[at] if at >= 0 else None)
        assert past.at_draft == (at < 0)


async def test_nothing_that_acts_on_the_terminal_gets_into_the_path(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.app.run_test() as pilot:
        await stage.ready(pilot)
        await stage.screen.action_attach()
        while not isinstance(stage.app.screen, PathScreen):
            await pilot.pause(0.01)
        await pilot.pause()
        field = stage.app.screen.query_one(Input)
        field.post_message(events.Paste("a\x1b]0;owned\x07"))
        field.post_message(events.Paste("plain"))
        while not field.value:
            await pilot.pause(0.01)
        assert field.value == "plain"
