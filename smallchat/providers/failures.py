"""Turns whatever an SDK raises into one ``ProviderError`` in the user's words, without a key in it.

Exceptions are told apart by what they carry and by the names of their classes, the same in both SDKs:
importing the SDK that is not in use, only to ask ``isinstance``, takes most of a second.
"""

from __future__ import annotations

import json

from smallchat.config.errors import ConfigError
from smallchat.metering.events import Failure
from smallchat.providers.base import ProviderError
from smallchat.providers.connecting import explain_connection
from smallchat.providers.openai_deltas import ServerError
from smallchat.providers.origin import Origin, causes, class_names
from smallchat.providers.reported import explain_report, hint_key
from smallchat.providers.watch import NoPayload, TooMuch, Watch


class NotAStream(Exception):  # noqa: N818 - reads as what happened
    """The server answered 200 with something that is no event stream."""


def explain(error: BaseException, origin: Origin, watch: Watch | None = None) -> ProviderError:
    """Return the failure that ``error`` means.

    Args:
        error: Anything that an SDK, its HTTP client or the reading of events raised.
        origin: Where it happened.
        watch: The response's watch, when a response came.
    """
    failed = _explain(error, origin, watch)
    if watch is not None and watch.has_payload:
        failed.retryable = False
    return failed


def _explain(error: BaseException, origin: Origin, watch: Watch | None) -> ProviderError:
    if isinstance(error, ProviderError):
        return error
    if isinstance(error, ConfigError):  # the key could not be had
        return ProviderError(Failure("no_key", origin.clean(str(error)), hint_key(origin)))
    failed = _explain_time(error, origin) or _explain_report(error, origin)
    return failed or explain_connection(error, origin) or _explain_protocol(error, origin, watch)


def explain_missing_key(origin: Origin) -> ProviderError:
    """Return the failure of a provider that needs a key and has none."""
    cure = hint_key(origin)
    return ProviderError(
        Failure(
            "no_key",
            f"No key for {origin.name}: {cure[0].lower()}{cure[1:]}",
            "smallchat keys list tells which providers have one.",
        )
    )


def _explain_time(error: BaseException, origin: Origin) -> ProviderError | None:
    """Explain an answer that does not come. Not being able to connect is another matter."""
    provider = origin.provider
    names: set[str] = set().union(*map(class_names, causes(error)))
    if names & {"ConnectTimeout", "PoolTimeout"}:
        return None
    if isinstance(error, NoPayload | TimeoutError):
        what, limit, option = "no text came", provider.payload_timeout_s, "payload_timeout_s"
    elif names & {"TimeoutException", "APITimeoutError"}:
        what, limit, option = "nothing came", provider.idle_timeout_s, "idle_timeout_s"
    else:
        return None
    message = f"{origin.name}: {what} from {origin.address} for {limit:g} s."
    hint = f"Try again, or raise {option} of [providers.{origin.name}]."
    return ProviderError(Failure("timeout", message, hint))


def _explain_report(error: BaseException, origin: Origin) -> ProviderError | None:
    """Explain an HTTP error, and an error event inside an answer that began well."""
    body = getattr(error, "body", None)
    status = getattr(error, "status_code", None)
    is_report = isinstance(error, ServerError) or "APIError" in class_names(error)
    if not is_report or (status is None and body is None):
        return None
    headers = getattr(getattr(error, "response", None), "headers", None)
    return explain_report(body, status if isinstance(status, int) else 200, origin, headers)


def _explain_protocol(error: BaseException, origin: Origin, watch: Watch | None) -> ProviderError:
    """Explain an answer that can not be read, or a request that can not be sent."""
    name = origin.name
    if isinstance(error, ImportError):
        message = f"{name} needs a package that is not installed: {origin.clean(str(error))}"
        cloud = origin.provider.client
        what = f"'anthropic[{cloud}]'" if cloud in ("bedrock", "vertex") else "it"
        return ProviderError(Failure("bad_request", message, f"Install {what} beside smallchat."))
    if isinstance(error, TooMuch):
        what = "sent megabytes without a complete event"
    elif watch is None:
        message = f"{name}: the request can not be sent: {origin.clean(f'{type(error).__name__}: {error}')}"
        return ProviderError(Failure("bad_request", message, f"Check [providers.{name}]."))
    elif watch.is_no_stream:
        return _explain_no_stream(origin, watch)
    elif isinstance(error, UnicodeDecodeError):
        what = "sent an event that is not UTF-8"
    elif isinstance(error, json.JSONDecodeError):
        what = "sent an event that is not JSON"
    else:
        what = "sent an event of an unknown shape"
    hint = "What arrived before is kept. Check that base_url and wire fit the server."
    return ProviderError(Failure("protocol", f"{name}: {origin.address} {what}.", hint))


def _explain_no_stream(origin: Origin, watch: Watch) -> ProviderError:
    try:
        body = json.loads(watch.head)
    except ValueError:
        body = None
    if isinstance(body, dict) and (body.get("error") or "error" in (body.get("object"), body.get("type"))):
        return explain_report(body, 200, origin)
    path = "/v1/messages" if origin.provider.wire == "anthropic" else "/chat/completions"
    hint = f"Is base_url ({origin.url}) right? {path} is asked below it."
    if isinstance(body, dict) and ("choices" in body or "content" in body):
        hint = "The server does not stream: it may be too old, or a proxy collects its answers."
    what = f"{origin.clean(watch.content_type) or 'something else'} instead of an event stream"
    if not watch.head.strip():
        what = "an empty answer"
    return ProviderError(Failure("protocol", f"{origin.name} sent {what}.", hint))
