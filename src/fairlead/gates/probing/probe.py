"""Which requests show whether a function is as safe as it is declared?"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fairlead.gates.probing.declared import HEALTH_CHECK, Declared
from fairlead.gates.probing.token import Kind, Tokens

OVERSIZED_BYTES = 10 * 1024 * 1024
FOREIGN_ORIGIN, NO_ORIGIN = "https://foreign-origin.invalid", "null"
WRONG_METHODS = ("PUT", "PATCH", "DELETE")
_NEST = 20_000


class Question(StrEnum):
    """What a request is sent to find out."""

    ACCESS = "access"
    OWNERSHIP = "ownership"
    METHOD = "method"
    MALFORMED = "malformed"
    ODD = "odd"
    OVERSIZED = "oversized"
    ORIGIN = "origin"
    STILL_THERE = "still there"


# Truncated, and not UTF-8: no reader of JSON can take these.
_MALFORMED = {"half a JSON text": b'{"action": ', "a body that is not UTF-8": b'{"action": "\xff"}'}
# Proper JSON, but not what anybody expects.
_ODD = {"null as its body": b"null", "20,000 lists in each other": b"[" * _NEST + b"]" * _NEST}


@dataclass(frozen=True, slots=True)
class Probe:
    """One request to a function. `told` says in a person's words what is special about it.

    `padding` bytes are streamed after `body`; headers and body may hold tokens and are never shown.
    """

    question: Question
    told: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    padding: int = 0
    token: Kind = Kind.NONE


def probes(one: Declared, tokens: Tokens) -> tuple[Probe, ...]:
    """Return all requests for one function; the first is a plain call without a token."""
    return (
        *_access(one, tokens),
        *_ownership(one, tokens),
        *_methods(one, tokens),
        *_bodies(tokens),
        *_origins(one),
        health_probe(),
    )


def health_probe(token: str = "") -> Probe:
    """Return the request that a healthy function answers with 200."""
    headers = _bearer(token) if token else {}
    body = json_body(HEALTH_CHECK)
    return Probe(Question.STILL_THERE, "a last health_check", headers=headers, body=body)


def _access(one: Declared, tokens: Tokens) -> Iterator[Probe]:
    call = json_body(one.call)
    yield Probe(Question.ACCESS, Kind.NONE, body=call)
    if not one.needs_token:
        return
    if one.every_call:
        yield Probe(Question.ACCESS, "GET without a token", method="GET")
    for kind, token in tokens.items():
        yield Probe(Question.ACCESS, kind, headers=_bearer(token), body=call, token=kind)


def _ownership(one: Declared, tokens: Tokens) -> Iterator[Probe]:
    if one.owner_call is None:
        return
    call = json_body(one.owner_call)
    yield Probe(Question.OWNERSHIP, Kind.NONE, body=call)
    if Kind.VALID in tokens:
        headers = _bearer(tokens[Kind.VALID])
        told = "another user's token"
        yield Probe(Question.OWNERSHIP, told, headers=headers, body=call, token=Kind.VALID)


def _methods(one: Declared, tokens: Tokens) -> Iterator[Probe]:
    for method in WRONG_METHODS:
        if method not in one.methods:
            yield Probe(Question.METHOD, method, method=method, headers=_best(tokens))


def _bodies(tokens: Tokens) -> Iterator[Probe]:
    headers = _best(tokens)
    for told, body in _MALFORMED.items():
        yield Probe(Question.MALFORMED, told, headers=headers, body=body)
    for told, body in _ODD.items():
        yield Probe(Question.ODD, told, headers=headers, body=body)
    # What makes it too large stands inside a JSON text that would otherwise be right.
    body = json_body(HEALTH_CHECK).removesuffix(b"}") + b', "padding": "'
    told = f"a body of {OVERSIZED_BYTES >> 20} MB"
    yield Probe(Question.OVERSIZED, told, headers=headers, body=body, padding=OVERSIZED_BYTES)


def _origins(one: Declared) -> Iterator[Probe]:
    for origin in (FOREIGN_ORIGIN, NO_ORIGIN):
        headers = {"origin": origin}
        told = f"origin {origin}"
        yield Probe(Question.ORIGIN, told, headers=headers, body=json_body(one.call))
        asks = {"access-control-request-method": "POST"}
        told = f"a preflight from origin {origin}"
        yield Probe(Question.ORIGIN, told, method="OPTIONS", headers=headers | asks)


def _best(tokens: Tokens) -> dict[str, str]:
    """Return the headers that come furthest: past the door when a valid token is known."""
    return _bearer(tokens[Kind.VALID]) if Kind.VALID in tokens else {}


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def json_body(body: Mapping[str, Any]) -> bytes:
    """Return a JSON object as it is sent."""
    return json.dumps(body).encode()
