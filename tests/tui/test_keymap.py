from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

import smallchat.tui
from smallchat.config.errors import ConfigError
from smallchat.tui.keymap import check_keymap, own_bindings


def all_nodes() -> list[type[DOMNode]]:
    """Return every widget, screen and app of smallchat."""
    nodes: dict[str, type[DOMNode]] = {}
    for info in walk_packages(smallchat.tui.__path__, "smallchat.tui."):
        for value in vars(import_module(info.name)).values():
            if isinstance(value, type) and issubclass(value, DOMNode) and value.__module__ == info.name:
                nodes[f"{value.__module__}.{value.__qualname__}"] = value
    return list(nodes.values())


def test_every_binding_has_an_id_of_its_own_a_description_and_a_tooltip() -> None:
    bindings = [binding for node in all_nodes() for binding in node.__dict__.get("BINDINGS", ())]
    for binding in bindings:
        assert isinstance(binding, Binding)
        assert binding.id
        assert binding.description, binding.id
        assert binding.tooltip, binding.id
    names = [binding.id for binding in bindings if isinstance(binding, Binding)]
    assert len(set(names)) == len(names)
    assert set(names) == set(own_bindings())


def test_no_two_bindings_of_the_compare_screen_want_the_same_key() -> None:
    from smallchat.tui.app import SmallchatApp
    from smallchat.tui.screens.compare import CompareScreen
    from smallchat.tui.screens.pane_keys import PaneScreen

    bindings = [*SmallchatApp.BINDINGS, *CompareScreen.BINDINGS, *PaneScreen.BINDINGS]
    keys = [key for binding in bindings if isinstance(binding, Binding) for key in binding.key.split(",")]
    keys.remove("escape")  # it stops answers, and with none coming in goes back to the prompt
    keys.remove("ctrl+c")  # it copies what is selected
    assert len(keys) == len(set(keys))


def test_known_ids_may_be_mapped(tmp_path: Path) -> None:
    check_keymap({}, tmp_path / "no file")
    check_keymap({"send": "ctrl+j", "stop_all": "f5,escape"}, tmp_path / "no file")


@pytest.mark.parametrize(
    "key", ["ctrl+j", "f5", "slash", "/", "?", "G", "alt+shift+x", "question_mark", "ctrl+space"]
)
def test_keys_that_there_are(tmp_path: Path, key: str) -> None:
    check_keymap({"send": key}, tmp_path / "no file")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"sned": "f5"}, '"send"'),
        ({"send": ""}, '"send"'),
        ({"send": "entre"}, '"enter"'),
        ({"send": "f5,crtl+j"}, '"ctrl"'),
        ({"send": "ctrl+pagdown"}, '"pagedown"'),
        ({"send": "f5", "newline": "ctrl+j, f5"}, '"send" and "newline"'),
        ({"maximise": "f6", "stop_all": "f6"}, '"maximise" and "stop_all"'),
    ],
)
def test_a_wrong_entry_is_told(tmp_path: Path, keys: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_keymap(keys, tmp_path / "config.toml")
    assert message in str(caught.value)
    assert "config.toml" in str(caught.value)


def test_one_key_may_mean_two_things_in_two_places(tmp_path: Path) -> None:
    check_keymap({"send": "f6", "delete_session": "f6"}, tmp_path / "no file")
