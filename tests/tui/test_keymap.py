from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from textual.binding import Binding

from smallchat.config.errors import ConfigError
from smallchat.tui.keymap import _BINDERS, check_keymap, own_bindings


def test_every_binding_has_an_id_of_its_own_a_description_and_a_tooltip() -> None:
    bindings = []
    for binder in _BINDERS:
        module, _, name = binder.partition(":")
        bindings += getattr(import_module(module), name).__dict__.get("BINDINGS", ())
    for binding in bindings:
        assert isinstance(binding, Binding)
        assert binding.id
        assert binding.description
        assert binding.tooltip
    assert len({binding.id for binding in bindings}) == len(bindings) == len(own_bindings())


def test_no_two_bindings_of_the_compare_screen_want_the_same_key() -> None:
    from smallchat.tui.app import SmallchatApp
    from smallchat.tui.screens.compare import CompareScreen
    from smallchat.tui.screens.pane_keys import PaneScreen

    bindings = [*SmallchatApp.BINDINGS, *CompareScreen.BINDINGS, *PaneScreen.BINDINGS]
    keys = [key for binding in bindings if isinstance(binding, Binding) for key in binding.key.split(",")]
    assert len(keys) == len(set(keys))


def test_known_ids_may_be_mapped(tmp_path: Path) -> None:
    check_keymap({}, tmp_path / "no file")
    check_keymap({"send": "ctrl+j", "stop_all": "f5,escape"}, tmp_path / "no file")


@pytest.mark.parametrize(("keys", "message"), [({"sned": "f5"}, '"send"'), ({"send": ""}, '"send"')])
def test_a_wrong_entry_names_the_nearest_id(tmp_path: Path, keys: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_keymap(keys, tmp_path / "config.toml")
    assert message in str(caught.value)
    assert "config.toml" in str(caught.value)
