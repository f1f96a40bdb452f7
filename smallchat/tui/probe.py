"""Looks for model servers on this machine, and asks them which models they have."""

from __future__ import annotations

import json
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Any

from smallchat.config.provider import is_loopback, known_providers
from smallchat.threads import DaemonPool

SERVERS = ("ollama", "lmstudio")
TIMEOUT_S = 0.6
LIMIT_S = 1.0  # for a whole list: the timeout begins anew with each byte
_LARGEST = 1_000_000  # bytes of a list of models
_MOST_MODELS = 50
_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A server that answered.

    Attributes:
        provider: Its name in smallchat.
        label: Its name on the screen.
        models: The models it has, perhaps none, by their names on the wire; as the server says, so not safe
            to show.
    """

    provider: str
    label: str
    models: tuple[str, ...]


def find_servers(urls: dict[str, str] | None = None) -> list[FoundServer]:
    """Return the servers that listen on this machine. Blocks up to a second.

    Args:
        urls: Base URLs by provider; those of Ollama and LM Studio unless told.
    """
    known = known_providers()
    urls = {name: str(known[name]["base_url"]) for name in SERVERS} if urls is None else urls
    pool = DaemonPool("smallchat-probe")
    asked = {name: pool.submit(_list_models, url) for name, url in urls.items()}
    wait(asked.values(), LIMIT_S)
    lists = ((name, _take(answer)) for name, answer in asked.items())
    return [
        FoundServer(name, str(known[name]["label"]), models) for name, models in lists if models is not None
    ]


def _take(answer: Future[tuple[str, ...] | None]) -> tuple[str, ...] | None:
    return answer.result() if answer.done() else None


def _list_models(base_url: str) -> tuple[str, ...] | None:
    """Return the ids that ``GET /models`` lists; ``None`` when nothing useful answers."""
    from http.client import HTTPException
    from urllib.request import HTTPRedirectHandler, ProxyHandler, build_opener

    class StayHere(HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            """Follow nobody elsewhere."""

    if not is_loopback(base_url):
        return None
    try:
        # Without the environment's proxies: a question to this machine stays on it.
        opener = build_opener(ProxyHandler({}), StayHere)
        with opener.open(f"{base_url}/models", timeout=TIMEOUT_S) as answer:
            return _read_ids(json.loads(answer.read(_LARGEST)))
    except (OSError, HTTPException, ValueError, RecursionError):
        return None


def _read_ids(data: Any) -> tuple[str, ...] | None:
    if not isinstance(data, dict) or "data" not in data:
        return None
    entries = data["data"] or []  # null is how Go writes an empty list
    if not isinstance(entries, list):
        return None
    ids = [entry.get("id") for entry in entries[:_MOST_MODELS] if isinstance(entry, dict)]
    return tuple(
        one for one in ids if isinstance(one, str) and 0 < len(one) <= _LONGEST_ID and "embed" not in one
    )
