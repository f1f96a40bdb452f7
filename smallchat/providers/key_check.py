"""Asks a provider whether it takes a key, before the key is kept. Listing models costs nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from smallchat.config.keys import Secret
from smallchat.config.provider import KEYLESS_CLIENTS, Provider
from smallchat.metering.events import Failure
from smallchat.providers.failures import explain
from smallchat.providers.origin import Origin
from smallchat.threads import DaemonPool

TIME_LIMIT_S = 10.0
_ELSEWHERE = {"openrouter": "/api/v1/key", "fireworks": "/v1/accounts/fireworks/models?pageSize=1"}
"""Where to ask instead: OpenRouter lists its models to anybody, and tells about a key at its own path;
Fireworks lists there what an account has deployed, and answers 500 when that is nothing.

Source: https://openrouter.ai/docs/api/api-reference/api-keys/get-current-key and
https://docs.fireworks.ai/api-reference/list-models.
"""

Verdict = Literal["accepted", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """What came of asking: ``unknown`` means that the provider could not be asked.

    Attributes:
        verdict: Whether the provider takes the key.
        failure: Why not, in safe words without the key; ``None`` when it does.
    """

    verdict: Verdict
    failure: Failure | None = None

    @property
    def text(self) -> str:
        """What to tell the user: one line, and the advice on a second."""
        if self.failure is None:
            return "The key works."
        return "\n".join(filter(None, (self.failure.message, self.failure.hint)))


def check_key(provider: Provider, key: Secret) -> KeyCheck:
    """Ask ``provider``, at its own address and nowhere else, whether it takes ``key``.

    Imports an SDK and waits for the network, for :data:`TIME_LIMIT_S` at most: call it in a thread.
    """
    if provider.client in KEYLESS_CLIENTS:
        failure = Failure("bad_request", f"{provider.label} takes no key.", "")
        return KeyCheck("refused", failure)
    origin = Origin(provider, secrets=(key, *provider.headers.values()))
    try:
        content_type = asyncio.run(_ask(provider, key))
    except Exception as error:  # whatever the SDK raises, it is explained
        failure = explain(error, origin).failure
    else:
        if "json" in content_type:
            return KeyCheck("accepted")
        what = origin.clean(content_type) or "something unknown"
        failure = Failure(
            "protocol", f"{origin.name} sent {what} instead of a list of models.", "Is the address right?"
        )
    return KeyCheck("refused" if failure.kind in ("auth", "no_key") else "unknown", failure)


async def _ask(provider: Provider, key: Secret) -> str:
    """Return the content type of the answer; a refusal is raised by the SDK."""
    from smallchat.providers.http import build_http_client

    asyncio.get_running_loop().set_default_executor(DaemonPool("smallchat-key"))  # for the name server
    limits = {f"{name}_timeout_s": TIME_LIMIT_S for name in ("connect", "idle", "payload")}
    patient = replace(provider, **limits)  # type: ignore[arg-type]
    http = build_http_client(patient)
    client: Any = None
    try:
        client = _build_client(patient, key, http)
        async with asyncio.timeout(TIME_LIMIT_S):
            answer = await _list_models(client, provider)
            return str(answer.headers.get("content-type", ""))
    finally:
        await (http.aclose() if client is None else client.close())


async def _list_models(client: Any, provider: Provider) -> Any:
    path = _ELSEWHERE.get(provider.name) if provider.is_known_url else None
    if path is None:
        return await client.models.with_raw_response.list()
    home = urlsplit(provider.base_url or "")
    unparsed = {"headers": {"X-Stainless-Raw-Response": "true"}}
    return await client.get(f"{home.scheme}://{home.netloc}{path}", cast_to=object, options=unparsed)


def _build_client(provider: Provider, key: Secret, http: Any) -> Any:
    from smallchat.providers.clients import build_anthropic_client, build_openai_client

    build = build_anthropic_client if provider.wire == "anthropic" else build_openai_client
    return build(provider, key, http)
