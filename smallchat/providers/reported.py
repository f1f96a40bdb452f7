"""Errors that a server reports: an HTTP status, or an error event inside an answer that began well."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from smallchat.metering.events import Failure, FailureKind
from smallchat.providers.base import ProviderError
from smallchat.providers.origin import Origin
from smallchat.providers.retry_after import read_retry_after
from smallchat.safe_text import safe_line

_RETRYABLE: frozenset[FailureKind] = frozenset({"rate_limit", "overloaded", "server"})
_NO_CREDIT = {"insufficient_quota", "billing_error"}

# A provider's own words for a failure, the telling ones first.
_KIND_OF_WORD: dict[str, FailureKind] = {
    "overloaded_error": "overloaded",
    "unavailable_error": "overloaded",
    "rate_limit_error": "rate_limit",
    "rate_limit_exceeded": "rate_limit",
    "insufficient_quota": "rate_limit",
    "authentication_error": "auth",
    "invalid_api_key": "auth",
    "permission_error": "permission",
    "billing_error": "permission",
    "not_found_error": "not_found",
    "model_not_found": "not_found",
    "timeout_error": "timeout",
    "content_policy_violation": "content",
    "content_filter": "content",
    "request_too_large": "bad_request",
    "context_length_exceeded": "bad_request",
    "exceed_context_size_error": "bad_request",
    "invalid_request_error": "bad_request",
    "api_error": "server",
    "server_error": "server",
    "internal_server_error": "server",
}
_KIND_OF_STATUS: dict[int, FailureKind] = {
    401: "auth", 402: "permission", 403: "permission", 404: "not_found", 405: "not_found", 407: "connection",
    408: "timeout", 410: "not_found", 429: "rate_limit", 503: "overloaded", 529: "overloaded",
}  # fmt: skip
_TOO_LONG = re.compile(
    r"context.{0,20}(?:length|window|size)|too long|too many (?:input |prompt )?tokens|maximum.{0,20}tokens",
    re.I,
)
_FILTERED = re.compile(r"content[ _](?:policy|filter|management)|responsible ai|safety system", re.I)
_ABOUT_KEY = re.compile(r"\bapi[ _-]?key\b", re.I)


def explain_report(
    body: Any, status: int, origin: Origin, headers: Mapping[str, str] | None = None
) -> ProviderError:
    """Return the failure that a server reports: by its own words, else by the HTTP status.

    Args:
        body: The error as the server sent it, decoded if it was JSON.
        status: The HTTP status; 200 for an error event inside an answer.
        origin: Where it happened.
        headers: The response's headers.
    """
    words = set(_find_words(body))
    if status < 300:  # gateways put the status that they met into the event
        status = next((int(word) for word in words if re.fullmatch(r"[45]\d\d", word)), status)
    said = origin.clean(find_message(body))
    kind = _find_kind(words, status, said)
    no_credit = bool(words & _NO_CREDIT)
    if no_credit:
        failure = _no_credit(kind, _code(status), said, origin)
    else:
        failure = _say(kind, status, said, origin, headers or {})
    return ProviderError(failure, retryable=kind in _RETRYABLE and not no_credit)


def _find_kind(words: set[str], status: int, said: str) -> FailureKind:
    kind = next((kind for word, kind in _KIND_OF_WORD.items() if word in words), None)
    if kind is None or (
        kind in ("server", "bad_request") and status >= 300 and status not in (400, 413, 422)
    ):
        kind = _KIND_OF_STATUS.get(status)
    if kind is None and 300 <= status < 400:
        return "protocol"
    if kind is None:
        kind = "bad_request" if 400 <= status < 500 else "server"
    if kind == "bad_request" and _FILTERED.search(said):
        return "content"
    return "auth" if kind == "bad_request" and _ABOUT_KEY.search(said) else kind


def _code(status: int) -> str:
    return f" ({status})" if status >= 300 else ""


def _no_credit(kind: FailureKind, code: str, said: str, origin: Origin) -> Failure:
    message = f"{origin.name}: no credit left{code}: {said}"
    return Failure(kind, message, "Check the plan and the billing of the account.")


def _say(kind: FailureKind, status: int, said: str, origin: Origin, headers: Mapping[str, str]) -> Failure:
    name, code = origin.name, _code(status)
    tail = f"{code}: {said}" if said else f"{code}."
    wait = read_retry_after(headers)
    match kind:
        case "auth":  # what the server says here may repeat a part of the key
            return Failure(kind, f"{name} refused the key{code}.", hint_key(origin))
        case "permission":
            return Failure(
                kind, f"{name} does not allow this{tail}", "Check what the account and its key may use."
            )
        case "not_found":
            hint = f"Check the model's name, and base_url ({origin.url})."
            return Failure(kind, f"{name} does not know {safe_line(origin.model, 80)}{tail}", hint)
        case "rate_limit":
            return Failure(kind, f"{name}: too many requests{tail}", "Wait a little, then try again.", wait)
        case "overloaded":
            return Failure(kind, f"{name} is overloaded{tail}", "Try again in a moment.", wait)
        case "content":
            hint = "Rephrase the prompt or try another model."
            return Failure(kind, f"{name}: blocked by the content filter{tail}", hint)
        case "bad_request":
            return Failure(kind, f"{name} refused the request{tail}", _hint_request(status, said, origin))
        case "protocol":
            where = origin.clean(headers.get("location", "")) or "another address"
            hint = (
                "The key would go along, so redirects are not followed: put the right address into base_url."
            )
            return Failure(kind, f"{name} redirects to {where}{code}.", hint)
        case "connection":
            return Failure(
                kind, f"{name}: the proxy wants a password{tail}", "Check HTTPS_PROXY and NO_PROXY."
            )
        case "timeout":
            return Failure(kind, f"{name} gave up waiting{tail}", "Try again.", wait)
        case _:
            return Failure(kind, f"{name} failed{tail}", "Try again; if it stays so, ask the provider.", wait)


def hint_key(origin: Origin) -> str:
    """Return how to set the provider's key."""
    variable = f"Set {origin.provider.key_env} or run" if origin.provider.key_env else "Run"
    return f"{variable} smallchat keys set {origin.name}."


def _hint_request(status: int, said: str, origin: Origin) -> str:
    if status == 413 or _TOO_LONG.search(said):
        return "The prompt with its history is too long for this model: shorten it or start a new session."
    named = next((name for name in origin.params if re.search(rf"\b{re.escape(name)}\b", said)), None)
    if named is not None:
        return f"Leave {safe_line(named, 60)} out of this model's params."
    return "Check the model's params and max_output."


def find_message(body: Any, depth: int = 0) -> str:
    """Return what a server's error says for people; empty for a page of HTML."""
    if depth > 4:
        return ""
    if isinstance(body, str):
        text = body.strip()
        return "" if text.startswith("<") else text
    if isinstance(body, list):  # pydantic's: one entry for each field
        return "; ".join(filter(None, (_describe_field(entry, depth + 1) for entry in body[:3])))
    if isinstance(body, dict):
        for key in ("message", "error", "detail", "msg"):
            if found := find_message(body.get(key), depth + 1):
                return found
    return ""


def _describe_field(entry: Any, depth: int) -> str:
    message = find_message(entry, depth)
    where = entry.get("loc") if isinstance(entry, dict) else None
    path = ".".join(str(part) for part in where if part != "body") if isinstance(where, list) else ""
    return f"{path}: {message}" if path else message


def _find_words(body: Any, depth: int = 0) -> Iterator[str]:
    """Yield the machine-readable words of an error: its types and codes."""
    if not isinstance(body, dict) or depth > 2:
        return
    for key in ("code", "type", "status"):
        if isinstance(word := body.get(key), str | int):
            yield str(word)
    yield from _find_words(body.get("error"), depth + 1)
