"""What does an event of a Sentry SDK tell? Read as its developer documentation describes events.

https://develop.sentry.dev/sdk/foundations/data-model/event-payloads/
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from fairlead.analysis.error_group import LONGEST_STACK, Reported, Told, severity
from fairlead.analysis.stack import MOST_FRAMES, Frame

MOST_CAUSES = 10
_LONGEST = 500
# What an event carries of people and of requests (user, cookies, headers) is not kept at all.
_KEPT_NAMES = ("transaction", "platform", "logger", "environment", "server_name")


def told(event: dict[str, Any]) -> Told:
    """Return what an event says; what has another form than it should is left out."""
    tags = _tags(event.get("tags"))
    return Told(
        id=_text(event.get("event_id")),
        at=_moment(event.get("timestamp")),
        release=_text(event.get("release")),
        component=tags.pop("component", ""),
        severity=severity(_text(event.get("level"))) or "error",
        error=reported(event),
        metadata=_metadata(event, tags),
    )


def reported(event: dict[str, Any]) -> Reported:
    """Return the error itself: the exception that was raised, with what caused it, or a message."""
    own = tuple(_text(word) for word in _list(event.get("fingerprint"))[:10])
    template, message = _message(event)
    causes = [one for one in _values(event.get("exception")) if isinstance(one, dict)]
    if not causes:
        found = _frames(_threads_stack(event))
        stack = _written([("", found)]) if found else ""
        return Reported(message, stack, "", (), found[:MOST_FRAMES], template, own)
    # Told from the first cause to the exception that was raised.
    causes = causes[-MOST_CAUSES:]
    kinds = [_text(cause.get("type")) for cause in causes]
    said = [_text(cause.get("value"), 4_000) for cause in causes]
    places = [_frames(cause.get("stacktrace")) for cause in causes]
    titles = [f"{kind}: {what}" if what else kind for kind, what in zip(kinds, said, strict=True)]
    every = [frame for found in reversed(places) for frame in found]
    stack = _written([*zip(titles, places, strict=True)])
    # The causes' types count as well: one place wraps what went wrong for many reasons.
    *before, kind = kinds
    where = tuple(every[:MOST_FRAMES])
    return Reported(said[-1] or message, stack, kind, before, where, "", own)


def _message(event: dict[str, Any]) -> tuple[str, str]:
    """Return a message's template, empty when it has none, and what it says."""
    entry = event.get("logentry") or event.get("sentry.interfaces.Message") or event.get("message")
    if not isinstance(entry, dict):
        return "", _text(entry, 4_000)
    template = _text(entry.get("message"), 4_000)
    formatted = _text(entry.get("formatted"), 4_000)
    return (template, formatted or template) if entry.get("params") else ("", formatted or template)


def _threads_stack(event: dict[str, Any]) -> Any:
    for thread in _values(event.get("threads")):
        if isinstance(thread, dict) and (thread.get("crashed") or thread.get("current")):
            return thread.get("stacktrace")
    return event.get("stacktrace")


def _frames(stacktrace: Any) -> tuple[Frame, ...]:
    """Return the frames, innermost first; those of the app alone where it says which they are."""
    told = _list(stacktrace.get("frames")) if isinstance(stacktrace, dict) else []
    frames = [frame for frame in told[-200:] if isinstance(frame, dict)]
    mine = [frame for frame in frames if frame.get("in_app") is True] or frames
    return tuple(_frame(frame) for frame in reversed(mine))


def _frame(frame: dict[str, Any]) -> Frame:
    line = frame.get("lineno")
    return Frame(
        _text(frame.get("filename")) or _text(frame.get("module")) or _text(frame.get("abs_path")),
        _text(frame.get("function")),
        line if isinstance(line, int) and 0 <= line < 10**9 else 0,
        _text(frame.get("context_line")).strip(),
    )


def _written(exceptions: Sequence[tuple[str, Sequence[Frame]]]) -> str:
    """Return exceptions as Python prints them: the cause first, the innermost place last."""
    return "\n".join(_lines(exceptions))[-LONGEST_STACK:]


def _lines(exceptions: Sequence[tuple[str, Sequence[Frame]]]) -> Iterator[str]:
    for number, (title, frames) in enumerate(exceptions):
        if number:
            yield ""
        for frame in reversed(frames):
            yield f'  File "{frame.file}", line {frame.line}, in {frame.function or "?"}'
            if frame.code:
                yield f"    {frame.code}"
        if title:
            yield title


def _metadata(event: dict[str, Any], tags: dict[str, str]) -> dict[str, Any]:
    kept: dict[str, Any] = {name: _text(event.get(name)) for name in _KEPT_NAMES}
    request = event.get("request")
    if isinstance(request, dict):
        kept |= {"method": _text(request.get("method")), "url": _path(_text(request.get("url")))}
    extra = event.get("extra")
    more = extra if isinstance(extra, dict) else {}
    # The SDK's own doing, not the app's.
    more = {name: value for name, value in more.items() if name != "sys.argv"}
    return {name: value for name, value in (kept | {"tags": tags, "extra": more}).items() if value}


def _path(url: str) -> str:
    """Return an address without what is asked for and without who asks."""
    scheme, found, rest = url.partition("?")[0].partition("#")[0].rpartition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{found}{host.rpartition('@')[2]}{slash}{path}"


def _tags(told: Any) -> dict[str, str]:
    pairs = list(told.items()) if isinstance(told, dict) else _list(told)
    both = [pair for pair in pairs if isinstance(pair, list | tuple) and len(pair) == 2]
    return {_text(name): _text(value) for name, value in both[:50] if _text(value)}


def _moment(told: Any) -> datetime | None:
    try:
        if isinstance(told, str):
            at = datetime.fromisoformat(told)
            return at if at.tzinfo else at.replace(tzinfo=UTC)
        if isinstance(told, int | float) and not isinstance(told, bool):
            return datetime.fromtimestamp(told, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _values(told: Any) -> list[Any]:
    return _list(told.get("values")) if isinstance(told, dict) else _list(told)


def _list(told: Any) -> list[Any]:
    return told if isinstance(told, list) else []


def _text(told: Any, longest: int = _LONGEST) -> str:
    if isinstance(told, str):
        return told[:longest]
    return str(told) if isinstance(told, int | float) else ""
