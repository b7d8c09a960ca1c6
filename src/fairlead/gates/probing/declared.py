"""Which functions need a token, and which calls of theirs prove it?

Supabase keeps in `supabase/config.toml` whether the platform asks for a token before a function
runs: `[functions.NAME] verify_jwt`, true where nothing is written
(https://supabase.com/docs/guides/functions/function-configuration). A function that verifies tokens
itself says in our own `security.toml` which calls need one. Nothing there makes a function public.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from fairlead.errors import Refused

CONFIG, SECURITY = "supabase/config.toml", "security.toml"
SECRET_VARIABLE = "JWT_SECRET"  # noqa: S105 - a variable's name
HEALTH_CHECK: Mapping[str, Any] = {"action": "health_check"}
USUAL_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST"})
UNDECLARED = (
    f"there is no {CONFIG}, so every function is taken to need a token: write one, with "
    "verify_jwt = false under [functions.NAME] for each function that anybody may call"
)


@dataclass(frozen=True, slots=True)
class Declared:
    """One function. `every_call` says that nothing of it may be reached without a token.

    `call` is the body of the call that is asked. `needs_token` says that it must be refused without
    a valid token, `owner_call` is a call that must be refused to everybody but one person; None
    when there is none. `methods` are those it may answer.
    """

    name: str
    every_call: bool = True
    needs_token: bool = True
    call: Mapping[str, Any] = field(default_factory=lambda: HEALTH_CHECK)
    owner_call: Mapping[str, Any] | None = None
    methods: frozenset[str] = USUAL_METHODS


@dataclass(frozen=True, slots=True)
class Declarations:
    """All functions of a release; `claims` are what every token of theirs must carry.

    `told` says with the remedy that nothing was declared; empty when something was.
    `secret_variable` is where the functions look for the secret that signs tokens.
    """

    functions: tuple[Declared, ...]
    claims: Mapping[str, str] = field(default_factory=dict)
    told: str = ""
    secret_variable: str = SECRET_VARIABLE


class _Platform(BaseModel):
    # The file is Supabase's: it holds much more, which is none of our business.
    model_config = ConfigDict(strict=True)
    verify_jwt: bool = True


class _Config(BaseModel):
    model_config = ConfigDict(strict=True)
    functions: dict[str, _Platform] = {}


_Call = Annotated[dict[str, JsonValue], Field(min_length=1)]


class _Own(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
    needs_token: _Call | None = None
    needs_owner: _Call | None = None
    methods: list[Annotated[str, Field(pattern=r"^[A-Z]{3,10}$")]] = []


class _Security(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)
    functions: dict[str, _Own] = {}
    claims: dict[str, str] = {}
    secret_variable: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")] = (
        SECRET_VARIABLE
    )


_Shape = TypeVar("_Shape", bound=BaseModel)


def read(functions: Sequence[str], config: str | None, security: str | None) -> Declarations:
    """Return what the two files declare of these functions; None is a file that is not there.

    Errors: `Refused` when a file is no TOML, holds what it must not, or names no function of ours.
    """
    platform = _read(_Config, CONFIG, config or "").functions
    own = _read(_Security, SECURITY, security or "")
    if strangers := sorted(own.functions.keys() - set(functions)):
        raise Refused(
            f"{SECURITY} names {strangers[0]!r}, which is no function here: correct the name, or "
            f"choose from {', '.join(functions) or 'none at all'}"
        )
    told = tuple(
        _declared(name, platform.get(name, _Platform()), own.functions.get(name, _Own()))
        for name in functions
    )
    silence = UNDECLARED if config is None else ""
    return Declarations(told, own.claims, silence, own.secret_variable)


def _declared(name: str, platform: _Platform, own: _Own) -> Declared:
    if own.needs_owner and not (own.needs_token or platform.verify_jwt):
        raise Refused(
            f"{SECURITY}: functions.{name} has needs_owner alone: add needs_token, a call that any "
            "signed-in person may make, or a refusal proves nothing"
        )
    return Declared(
        name,
        every_call=platform.verify_jwt,
        needs_token=platform.verify_jwt or own.needs_token is not None,
        call=own.needs_token or HEALTH_CHECK,
        owner_call=own.needs_owner,
        methods=USUAL_METHODS | frozenset(own.methods),
    )


def _read(shape: type[_Shape], file: str, text: str) -> _Shape:
    try:
        return shape.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"{file} is no TOML: {error}: correct it") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise Refused(f"{file}: {where} does not fit: {first['msg']}: correct it") from error
