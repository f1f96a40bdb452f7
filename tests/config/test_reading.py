from __future__ import annotations

import os
import traceback
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smallchat.config.document import read_document
from smallchat.config.errors import ConfigError
from smallchat.config.reading import load_settings
from smallchat.config.schema import Settings

KEY = "sk-secret-0123456789abcdef"

EVERYTHING = """
[app]
models = ["gpt-5.4-mini", "claude-haiku-4-5"]   # the panes
theme = "smallchat-dark"
max_output = 2048
run = "sequential"
[providers.openai]
api_key = "sk-..."
[providers.anthropic]
key_env = "ANTHROPIC_API_KEY"
[providers.gateway]
wire = "openai"
base_url = "http://127.0.0.1:4000/v1"
api_key = "x"
headers = { X-Team = "blue team" }
idle_timeout_s = 5
connect_timeout_s = 2.5
[models.fast]
provider = "gateway"
id = "fast-1"
context = 128000
max_input = 128000
max_output = 16384
vision = false
params = { temperature = 0.2, stop = ["a"], extra = { deep = 1.5 } }
price = { input = 0.75, cached_input = 0.075, cache_write = 0.9375, output = 4.50, as_of = 2026-11-20 }
[models.free]
provider = "ollama"
price = { input = 0, output = 0 }
[models.mine]
provider = "local"
path = "mine.gguf"
[budget]
per_send = 0.05
session = 0.50
day = 2
month = 20.00
on_exceed = "ask"
[budget.models.claude-haiku-4-5]
day = 1.00
[routing]
default = "support"
[routing.presets.support]
description = "Tickets"
candidates = ["gpt-5.4-nano", "gpt-5.4-mini"]
fallback = "gpt-5.4-mini"
sticky = "off"
[[routing.presets.support.rules]]
id = "bulk"
when = { intent = ["classify", "extract"], tokens = "<8k", constraints = "<3" }
use = "gpt-5.4-nano"
why = "simple, repetitive work"
[[routing.presets.support.rules]]
id = "screen"
when = { any = [ { images = ">=1" }, { ui = true } ] }
use = ["gpt-5.4-mini", "gpt-5.4-nano"]
[keys]
send = "ctrl+j"
"""


@pytest.fixture
def config(home: Path) -> Path:
    return home / "config.toml"


def write(config: Path, text: str | bytes, mode: int = 0o600) -> Path:
    config.write_bytes(text if isinstance(text, bytes) else text.encode())
    config.chmod(mode)
    return config


def problem_of(config: Path, text: str | bytes, mode: int = 0o600) -> str:
    with pytest.raises(ConfigError) as caught:
        load_settings(write(config, text, mode))
    message = str(caught.value)
    assert str(config) in message
    assert len(message.splitlines()) <= 2
    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None
    return message


def test_everything_a_configuration_may_say(config: Path) -> None:
    settings = load_settings(write(config, EVERYTHING))
    assert settings.app.models == ("gpt-5.4-mini", "claude-haiku-4-5")
    assert settings.app.run == "sequential"
    gateway = settings.providers["gateway"]
    assert gateway.api_key is not None
    assert gateway.api_key.reveal() == "x"
    assert gateway.headers["X-Team"].reveal() == "blue team"
    assert (gateway.connect_timeout_s, gateway.idle_timeout_s, gateway.payload_timeout_s) == (2.5, 5, 180)
    fast = settings.models["fast"]
    assert fast.params == {"temperature": 0.2, "stop": ["a"], "extra": {"deep": 1.5}}
    assert type(fast.params["temperature"]) is float
    assert fast.price is not None
    assert str(fast.price.cached_input) == "0.075"
    assert str(fast.price.output) == "4.50"
    assert fast.price.as_of == date(2026, 11, 20)
    assert settings.models["mine"].path == config.parent / "mine.gguf"
    assert settings.budget.day == Decimal(2)
    assert settings.budget.models["claude-haiku-4-5"].day == Decimal("1.00")
    support = settings.routing.presets["support"]
    assert support.rules[0].use == ("gpt-5.4-nano",)
    assert support.rules[1].when == {"any": [{"images": ">=1"}, {"ui": True}]}
    assert settings.keys == {"send": "ctrl+j"}


def test_without_a_file_the_defaults_hold(config: Path) -> None:
    assert load_settings(config) == Settings()
    with pytest.raises(ConfigError, match="does not exist"):
        load_settings(config, must_exist=True)


def test_a_byte_order_mark_and_windows_lines_are_fine(config: Path) -> None:
    settings = load_settings(write(config, b"\xef\xbb\xbf[app]\r\ntheme = 'x'\r\n"))
    assert settings.app.theme == "x"
    assert "line 3" in problem_of(config, b"[app]\r\n# c\r\nthem = 'x'\r\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[app]\n\nmodles = []\n", ["line 3", '"modles"', "[app]", 'Did you mean "models"?']),
        ("[provider.openai]\nbase_url = 'http://a'\n", ["line 1", '"provider"', '"providers"']),
        ("[providers.openai]\n# c\napikey = 'x'\n", ["line 3", "[providers.openai]", '"api_key"']),
        ("[models.a]\nprice = { input = 1, output = 2, as_off = 2026-01-01 }", ["models.a.price", '"as_of"']),
        ("[budget.models.'a.b']\nweek = 1", ["line 2", '[budget.models."a.b"]', "Known here: per_send"]),
        (
            "[routing.presets.x]\ncandidates = ['b']\nfallback = 'b'\n"
            "[[routing.presets.x.rules]]\nid = 'a'\nwhen = {}\nuse = 'b'\nwhyy = ''",
            ["line 8", '"why"', "rules[1]"],
        ),
        ("[models.a]\nprice = { input = 1, outptu = 1 }", ["line 2", '"outptu"', 'Did you mean "output"?']),
        ("[app]\nmodels = []", ["line 2", "app.models", "one to 3"]),
        ("[app]\nmodels = ['a','b','c','d']", ["app.models", "it names 4"]),
        ("[app]\nmodels = [\n'a',\n'a']", ["line 2", "names a twice", "[models.NAME]"]),
        ("[app]\nmodels = 'a'", ["line 2", "app.models must be a list"]),
        ("[app]\nmodels = ['a', 3]", ["app.models[2] must be text"]),
        ("[app]\nrun = 'paralel'", ["line 2", 'app.run must be "parallel" or "sequential"']),
        ("[app]\nmax_output = 0", ["app.max_output must be at least 1"]),
        ("[app]\nmax_output = '9'", ["app.max_output must be a whole number"]),
        ("[app]\nmax_output = true", ["app.max_output must be a whole number"]),
        ("[app]\ntheme = ''", ["app.theme must not be empty"]),
        ("app = 3", ["line 1", "app must be a table"]),
        ("[models.a]\nvision = 1", ["models.a.vision must be true or false"]),
        ("[models.a]\nprice = { input = 1 }", ["line 2", '[models.a.price] has no "output"']),
        ("[models.a]\nprice = { input = -1, output = 1 }", ["models.a.price.input must be at least 0"]),
        ("[models.a]\nprice = { input = nan, output = 1 }", ["models.a.price.input must be a finite number"]),
        ("[models.a]\nprice = { input = '1', output = 1 }", ["models.a.price.input must be a number"]),
        ("[models.a]\nprice = { input = 1, output = 1, as_of = '2026' }", ["as_of must be a day"]),
        (
            "[models.a]\nprice = { input = 1, output = 1, as_of = 2026-01-01T10:00:00 }",
            ["as_of must be a day"],
        ),
        ("[models.a]\nparams = { seed = nan }", ["models.a.params must not hold inf or nan"]),
        ("[models.a]\nparams = { at = 2026-01-01 }", ["models.a.params must hold"]),
        ("[models.a]\npath = ''", ["models.a.path must be the name of a file"]),
        ("[models.a]\nprovider = 'opnai'", ["line 2", 'unknown provider "opnai"', '"openai"']),
        ("[providers.opnai]\nlabel = 'x'", ["line 1", '"opnai"', "base_url", 'Did you mean "openai"?']),
        ("[providers.x]\nbase_url = 'ftp://a/'", ["line 2", "https://example.com/v1"]),
        ("[providers.x]\nbase_url = 'http://u:p@a/'", ["must not hold a name or password"]),
        ("[providers.x]\nbase_url = 'http://a/?k=1'", ['must end before "?"']),
        ("[providers.openai]\napi_key = 'x'\nkey_env = 'Y'", ["providers.openai has api_key and key_env"]),
        ("[providers.openai]\nidle_timeout_s = 0", ["idle_timeout_s must be more than 0"]),
        ("[providers.openai]\nheaders = { 'a b' = 'c' }", ["is not the name of a header"]),
    ],
)
def test_an_error_names_the_place_and_the_cure(config: Path, text: str, words: list[str]) -> None:
    message = problem_of(config, text)
    assert not [word for word in words if word not in message], message


@pytest.mark.parametrize(
    "text",
    [
        f"[providers.openai]\napi_key = '{KEY} {KEY}'",
        f"[providers.openai]\napi_key = ['{KEY}']",
        f"[providers.openai]\napi_key = {{ a = '{KEY}' }}",
        f"[providers.openai]\napikey = '{KEY}'",
        f"[providers.openai]\nkey_env = '{KEY}'",
        f"[providers.openai]\nkey_command = ['{KEY}']",
        f"[providers.openai]\nlabel = ['{KEY}']",
        f"[providers.openai]\nheaders = {{ Authorization = '{KEY}é' }}",
        f"[providers.openai]\nbase_url = 'https://{KEY}@example.com'",
        f"[providers.openai]\nbase_url = '{KEY}'",
        f"[providers.openai]\nwire = '{KEY}'",
        f"[providers]\nopenai = '{KEY}'",
        f"[keys]\nopenai = '{KEY}'",
        f"openai = '{KEY}'",
        f"[providers.openai]\napi_key = '{KEY}'\nbroken",
        f"[providers.openai]\napi_key = {KEY}",
    ],
)
def test_no_error_repeats_a_key(config: Path, text: str) -> None:
    problem_of(config, text)


def test_all_problems_are_kept_and_the_first_is_told(config: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(write(config, "[app]\nrun = 1\nthem = 'a'\nmax_output = 0\ntheme = ''"))
    assert [problem.split(": ")[0][-6:] for problem in caught.value.problems] == [
        "line 2",
        "line 3",
        "line 4",
    ]
    assert str(caught.value).endswith("(2 more: smallchat config check lists them)")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[app]\ntheme = 'a'\n\ntheme = \xff\n", ["line 4", "UTF-8"]),
        (b"[app\n", ["line 1", "TOML"]),
        (b"[app]\ntheme = 'a'\ntheme = 'b'\n", ["line 3", "TOML"]),
        (b"x = " + b"[" * 100_000, ["nested too deeply"]),
        (b"x = " + b"9" * 10_000, ["too long"]),
        (b"x = 1e99999999999999999999999", ["too long"]),
        (b"#" * (1024 * 1024 + 1), ["larger than 1 MB"]),
        (b"a = '\x00'", ["TOML"]),
    ],
)
def test_a_broken_file_is_told(config: Path, content: bytes, words: list[str]) -> None:
    message = problem_of(config, content)
    assert not [word for word in words if word not in message], message


def test_what_is_no_file_is_told(home: Path, config: Path) -> None:
    with pytest.raises(ConfigError, match="is a directory"):
        load_settings(home)
    write(config, "")
    with pytest.raises(ConfigError, match="can not be read"):
        load_settings(config / "below-a-file")
    with pytest.raises(ConfigError, match="can not be read"):
        load_settings(home / ("x" * 300))
    with pytest.raises(ConfigError, match="larger than 1 MB"):
        load_settings(Path("/dev/zero"))


def test_an_unreadable_file_is_told(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ConfigError, match="permission denied"):
        load_settings(config)


def test_hostile_names_do_not_reach_the_terminal(config: Path) -> None:
    message = problem_of(config, '[app]\n"\\u001b]52;c;aGk=\\u0007\\u202e\\n\\n\\n" = 1')
    assert message.isprintable()


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_keys_that_others_can_read_are_refused_with_the_cure(config: Path, mode: int) -> None:
    message = problem_of(config, f"[providers.openai]\napi_key = '{KEY}'", mode)
    assert f"chmod 600 {config}" in message
    assert "chmod 600" in problem_of(
        config, f"[providers.x]\nbase_url='http://a'\nheaders = {{ Authorization = '{KEY}' }}", mode
    )
    write(config, "[providers.openai]\nkey_env = 'K'", mode)
    assert load_settings(config).providers["openai"].key_env == "K"


def test_a_document_does_not_show_its_content(config: Path) -> None:
    document = read_document(write(config, f"[providers.openai]\napi_key = '{KEY}'"))
    assert KEY not in repr(document)


text_lines = st.lists(
    st.one_of(
        st.sampled_from(EVERYTHING.splitlines()),
        st.text("ab=[]{}\"'#.,\n\\ 1", max_size=12),
    ),
    max_size=12,
)


@given(text_lines)
def test_any_text_gives_settings_or_an_error_for_people(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    config = write(tmp_path_factory.getbasetemp() / "any.toml", "\n".join(lines))
    problem = ""
    try:
        load_settings(config)
    except ConfigError as error:
        problem = str(error)
    assert not problem or str(config) in problem
    assert len(problem.splitlines()) <= 2
