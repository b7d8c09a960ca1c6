"""How are durations, shares and addresses written? Always with their unit."""

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_UNITS = {"ms": "0.001", "s": "1", "m": "60", "h": "3600", "d": "86400"}
_DURATION = r"^([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|s|m|h|d)$"
_PERCENT = r"^((?:100|[0-9]{1,2})(?:\.[0-9]{1,6})?)%$"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_ADDRESS = rf"^(localhost|{_OCTET}(?:\.{_OCTET}){{3}}):([1-9][0-9]{{0,4}})$"
# Longer is a slip of the unit, and beyond some centuries the clock's arithmetic fails.
LONGEST_S = 365 * 86400.0


def seconds(value: Any) -> float:
    """Read `500ms`, `30s`, `5m`, `1h` or `7d` as seconds, at most 365d; ValueError otherwise."""
    match = _matched(_DURATION, value)
    if match is None:
        raise ValueError("a duration with its unit is needed, such as 500ms, 30s, 5m, 1h or 7d")
    # Decimal, because 0.1 times 0.001 is not 0.0001 in binary and would not be written back alike.
    found = float(Decimal(match[1]) * Decimal(_UNITS[match[2]]))
    if found > LONGEST_S:
        raise ValueError("a duration of at most 365d is needed")
    return found


def written_duration(value: float) -> str:
    """Write seconds in the largest unit that divides them: 300.0 becomes `5m`."""
    exact = _decimal(value)
    for unit in ("d", "h", "m", "s"):
        if exact and exact % Decimal(_UNITS[unit]) == 0:
            return f"{exact / Decimal(_UNITS[unit]):.0f}{unit}"
    return f"{_plain(exact * 1000)}ms" if 0 < exact < 1 else f"{_plain(exact)}s"


def share(value: Any) -> float:
    """Read `2%` as 0.02; ValueError otherwise."""
    match = _matched(_PERCENT, value)
    if match is None or Decimal(match[1]) > 100:
        raise ValueError("a percentage from 0% to 100% is needed, such as 2%")
    return float(Decimal(match[1]) / 100)


def written_share(value: float) -> str:
    """Write 0.02 as `2%`."""
    return f"{_plain(_decimal(value) * 100)}%"


def address(value: Any) -> str:
    """Check `host:port` with an IPv4 host; ValueError otherwise."""
    match = _matched(_ADDRESS, value)
    if match is None or int(match[2]) > 65535:
        raise ValueError("an address is needed as host:port, such as 127.0.0.1:8080")
    host = "127.0.0.1" if match[1] == "localhost" else match[1]
    return f"{host}:{match[2]}"


def _matched(pattern: str, value: Any) -> re.Match[str] | None:
    # fullmatch, because `$` alone would let a final line break through.
    return re.fullmatch(pattern, value) if isinstance(value, str) else None


def _decimal(value: float) -> Decimal:
    return Decimal(repr(value))


def _plain(value: Decimal) -> str:
    digits = f"{value:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _schema(pattern: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]})


Duration = Annotated[
    float, BeforeValidator(seconds), PlainSerializer(written_duration), _schema(_DURATION, "5m")
]
Share = Annotated[
    float, BeforeValidator(share), PlainSerializer(written_share), _schema(_PERCENT, "2%")
]
Address = Annotated[str, BeforeValidator(address), _schema(_ADDRESS, "127.0.0.1:8080")]
