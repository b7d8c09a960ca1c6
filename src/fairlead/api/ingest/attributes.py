"""Whose numbers are these? OpenTelemetry's attributes, read as app, environment and release."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from fairlead.api.functions.known import Known
from fairlead.errors import FairleadError

Plain = str | int | float | bool | None
_LONGEST_NAME = 100


class Unusable(Exception):  # noqa: N818 - it is about what was sent
    """Why something cannot be counted."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The component of a release in an environment; `process` tells who counted."""

    place: tuple[str, str]
    release: str
    component: str
    process: bytes


def owner(known: Known, resource: Resource) -> Owner:
    """Return whose numbers a resource's are; `Unusable` where that is not said."""
    told = plain(resource.attributes)
    environment = _name(told, "deployment.environment.name", "deployment.environment")
    component, release = _name(told, "service.name"), _name(told, "service.version")
    try:
        place = known.place(str(told.get("fairlead.app") or ""), environment)
    except FairleadError as error:
        raise Unusable(str(error)) from None
    return Owner(
        place, release, component, digest(repr(place), repr(sorted(told.items(), key=repr)))
    )


def plain(attributes: Iterable[KeyValue]) -> dict[str, Plain]:
    """Return attributes as plain values; lists and bytes are told as their written form."""
    return {attribute.key: _value(attribute.value) for attribute in attributes}


def failed(told: Mapping[str, Plain]) -> bool:
    """Tell whether a request failed: by a status of 500 or more, or by the type of an error."""
    status = told.get("http.response.status_code", told.get("http.status_code"))
    try:
        if status is not None and int(status) >= 500:
            return True
    except (ValueError, OverflowError):
        return True
    return bool(told.get("error.type"))


def digest(*words: str) -> bytes:
    """Return a name for what these words say together."""
    return hashlib.sha256("\0".join(words).encode("utf-8", "replace")).digest()


def _name(told: Mapping[str, Plain], *keys: str) -> str:
    for key in keys:
        found = told.get(key)
        if isinstance(found, str) and 0 < len(found) <= _LONGEST_NAME:
            return found
    raise Unusable(f"the resource attribute {keys[0]} is missing or longer than {_LONGEST_NAME}")


def _value(value: AnyValue) -> Plain:
    match value.WhichOneof("value"):
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case "int_value":
            return value.int_value
        case "double_value":
            return value.double_value
        case None:
            return None
        case _:
            return str(value)
