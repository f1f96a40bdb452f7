"""The SDKs' clients, built from what the configuration says and from nothing else.

On their own the SDKs read keys, addresses, organisations and headers from the environment, try again in
silence and log into the running screen. Importing one takes 0.3 to 1 s: call this in a thread.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from smallchat.config.keys import Secret
from smallchat.config.provider import Provider
from smallchat.metering.events import Failure
from smallchat.providers.base import ProviderError

if TYPE_CHECKING:
    import httpx2
    from anthropic import AsyncAnthropic
    from anthropic.lib.bedrock import AsyncAnthropicBedrock
    from anthropic.lib.vertex import AsyncAnthropicVertex
    from openai import AsyncOpenAI

    AnthropicClient = AsyncAnthropic | AsyncAnthropicBedrock | AsyncAnthropicVertex

AZURE_API_VERSION = "2024-10-21"
NO_KEY = "no-key"  # the SDKs insist on one; it is not sent
_LOGGERS = ("openai", "anthropic", "httpx2", "httpcore2")


def build_openai_client(provider: Provider, key: Secret | None, http: httpx2.AsyncClient) -> AsyncOpenAI:
    """Return the client for the OpenAI wire; a mere import when it is not Azure's.

    Raises:
        ProviderError: Azure has no address.
    """
    import openai

    quiet_loggers()
    secret = key.reveal() if key else NO_KEY
    client: AsyncOpenAI
    if provider.client == "azure" and "/openai/v1" not in urlsplit(provider.base_url or "").path:
        if provider.base_url is None:
            hint = f"Set AZURE_OPENAI_ENDPOINT, or base_url of [providers.{provider.name}]."
            raise ProviderError(Failure("bad_request", f"No address is known for {provider.name}.", hint))
        client = openai.AsyncAzureOpenAI(
            azure_endpoint=provider.base_url,
            api_version=provider.options.get("api_version", AZURE_API_VERSION),
            api_key=secret,
            http_client=http,
            timeout=http.timeout,
            max_retries=0,
        )
    else:
        client = openai.AsyncOpenAI(
            api_key=secret, base_url=provider.base_url, http_client=http, timeout=http.timeout, max_retries=0
        )
    client.organization = client.project = client.admin_api_key = client.webhook_secret = None
    _set_headers(client, provider.headers)
    if key is None:
        http.event_hooks["request"].append(_leave_out_key)
    return client


def build_anthropic_client(
    provider: Provider, key: Secret | None, http: httpx2.AsyncClient
) -> AnthropicClient:
    """Return the client for the Anthropic wire."""
    import anthropic

    quiet_loggers()
    common: dict[str, Any] = {
        "http_client": http,
        "timeout": http.timeout,
        "max_retries": 0,
        "open_telemetry": False,
    }
    if provider.client == "bedrock":
        return _build_bedrock_client(provider, common)
    if provider.client == "vertex":
        return _build_vertex_client(provider, common)
    base_url = (provider.base_url or "").rstrip("/").removesuffix("/v1")  # the SDK's paths begin with /v1
    client = anthropic.AsyncAnthropic(api_key=key.reveal() if key else NO_KEY, base_url=base_url, **common)
    own = {} if provider.is_known_url or key is None else {"X-Api-Key": key}  # what others may still ask for
    _set_headers(client, {**own, **provider.headers})
    if key is None:
        http.event_hooks["request"].append(_leave_out_key)
    return client


def _build_bedrock_client(provider: Provider, common: Mapping[str, Any]) -> AsyncAnthropicBedrock:
    from anthropic.lib.bedrock import AsyncAnthropicBedrock

    client = AsyncAnthropicBedrock(
        aws_region=provider.options.get("region"),
        aws_profile=provider.options.get("profile"),
        base_url=provider.base_url,
        **common,
    )
    if provider.base_url is None:
        client.base_url = f"https://bedrock-runtime.{client.aws_region}.amazonaws.com"
    else:
        client.api_key = (
            None  # the environment's bearer token is for Amazon's own address; a signature tells nothing
        )
    _set_headers(client, provider.headers)
    return client


def _build_vertex_client(provider: Provider, common: Mapping[str, Any]) -> AsyncAnthropicVertex:
    from anthropic import NOT_GIVEN
    from anthropic.lib.vertex import AsyncAnthropicVertex

    client = AsyncAnthropicVertex(
        region=provider.options.get("region", NOT_GIVEN),
        project_id=provider.options.get("project", NOT_GIVEN),
        base_url=provider.base_url,
        **common,
    )
    _set_headers(client, provider.headers)
    return client


def _set_headers(client: Any, headers: Mapping[str, Secret]) -> None:
    """Replace the client's own headers, and with them those of ``*_CUSTOM_HEADERS`` in the environment."""
    client._custom_headers = {name: value.reveal() for name, value in headers.items()}


async def _leave_out_key(request: httpx2.Request) -> None:
    """Take the placeholder out of a request without a key; a header of the configuration stays."""
    if request.headers.get("authorization") == f"Bearer {NO_KEY}":
        del request.headers["authorization"]


def quiet_loggers() -> None:
    """Keep the SDKs from writing into the screen: ``OPENAI_LOG`` and ``ANTHROPIC_LOG`` ask them to."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.setLevel(logging.CRITICAL + 1)
    warnings.filterwarnings("ignore", module=r"(openai|anthropic|httpx2|httpcore2)\b")
