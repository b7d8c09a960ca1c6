"""Can the numbers that an environment asks for ever arrive?"""

import re
from collections.abc import Iterator

from pydantic_core import Url, ValidationError

from fairlead.release.component import ComponentKind
from fairlead.release.spec.metrics import Metrics, Queries
from fairlead.release.spec.model import Environment, Spec
from fairlead.release.spec.problem import KeyPath, Problem, not_one_of
from fairlead.release.spec.quantity import written_duration

ASKED = ("prometheus", "http")
PLACEHOLDERS = ("$release", "$component", "$window")
# `$.a` and `$[0]` begin a JSONPath, and `"x$"` ends a pattern.
WRITTEN = re.compile(r"\$[A-Za-z_]+")
_LONGEST_QUERY = 4000
_SHORTEST_S, _LONGEST_S, _STALEST_S = 1, 30, 300


def unsound_sources(spec: Spec) -> Iterator[Problem]:
    """Find sources that cannot be asked, and queries that cannot tell releases apart."""
    run = [n for n, c in spec.components.items() if c.kind is not ComponentKind.POSTGRES]
    for name, there in spec.environments.items():
        if there.metrics is not None:
            here: KeyPath = ("environments", name, "metrics")
            if there.metrics.from_ in ASKED:
                yield from _asked(there, there.metrics, len(run), here)
            else:
                yield from _not_asked(there.metrics, here)


def _not_asked(metrics: Metrics, here: KeyPath) -> Iterator[Problem]:
    for key in sorted(metrics.model_fields_set - {"from_"}):
        sentence = f"{metrics.from_} is not asked over the network; remove this"
        yield Problem((*here, key), f"{sentence}, or write from: prometheus or http")


def _asked(there: Environment, metrics: Metrics, run: int, here: KeyPath) -> Iterator[Problem]:
    for key in ("url", "queries"):
        if getattr(metrics, key) is None:
            yield Problem((*here, key), f"this key is missing: {metrics.from_} cannot be asked")
    if metrics.url is not None:
        yield from _url(metrics, (*here, "url"))
    if metrics.queries is not None:
        yield from _queries(metrics, metrics.queries, run, (*here, "queries"))
    yield from _times(there, metrics, here)


def _url(metrics: Metrics, here: KeyPath) -> Iterator[Problem]:
    try:
        parts = Url(metrics.url or "")
    except ValidationError:
        yield Problem(here, "this is no address; write one such as http://127.0.0.1:9090")
        return
    if parts.scheme not in ("http", "https") or re.search(r"[\s\x00-\x20]", metrics.url or ""):
        yield Problem(here, "an address with http:// or https:// is needed")
    if parts.username is not None or parts.password is not None:
        sentence = "a password does not belong into this file"
        yield Problem(here, f"{sentence}: `fairlead secret put NAME`, and name it under secret")
    if metrics.from_ == "prometheus" and (
        parts.query or parts.fragment or "$" in (parts.path or "")
    ):
        yield Problem(here, "where Prometheus answers is needed, such as http://127.0.0.1:9090")
    yield from _placeholders(metrics.url or "", ("$release", "$component"), here)


def _queries(metrics: Metrics, asked: Queries, run: int, here: KeyPath) -> Iterator[Problem]:
    url = metrics.url or ""
    allowed = PLACEHOLDERS if metrics.from_ == "prometheus" else PLACEHOLDERS[:2]
    if metrics.from_ == "http" and asked.buckets is not None:
        yield Problem((*here, "buckets"), "only prometheus tells histograms; remove this")
    for key in Queries.model_fields:
        query = getattr(asked, key)
        if query is None or (key == "buckets" and metrics.from_ == "http"):
            continue
        place = (*here, key)
        if len(query) > _LONGEST_QUERY:
            yield Problem(place, f"a query may be {_LONGEST_QUERY} signs long at most")
            continue
        yield from _placeholders(query, allowed, place)
        if key not in ("sampled_at", "started_at"):
            yield from _apart(query + (url if metrics.from_ == "http" else ""), run, place)
        if metrics.from_ == "http":
            yield from _path(query, place)


def _apart(text: str, run: int, here: KeyPath) -> Iterator[Problem]:
    sentence = "it never names {}, so {} would be told the same numbers; select by it"
    if "$release" not in text:
        yield Problem(here, sentence.format("$release", "every release"))
    if run > 1 and "$component" not in text:
        yield Problem(here, sentence.format("$component", f"all {run} components"))


def _placeholders(text: str, allowed: tuple[str, ...], here: KeyPath) -> Iterator[Problem]:
    for found in dict.fromkeys(WRITTEN.findall(text)):
        if found not in allowed:
            yield Problem(here, not_one_of(found, allowed))


def _path(query: str, here: KeyPath) -> Iterator[Problem]:
    # It takes a quarter of a second to load, and few files use it.
    from jsonpath import JSONPathEnvironment, JSONPathError  # noqa: PLC0415

    try:
        JSONPathEnvironment(strict=True).compile(WRITTEN.sub("x", query))
    except (JSONPathError, RecursionError) as error:
        because = str(error).split("\n", 1)[0]
        yield Problem(here, f"this is no JSONPath (RFC 9535): {because}")


def _times(there: Environment, metrics: Metrics, here: KeyPath) -> Iterator[Problem]:
    if not _SHORTEST_S <= metrics.every <= _LONGEST_S:
        yield Problem((*here, "every"), "a question between every 1s and every 30s is needed")
    elif there.judgement is not None and there.judgement.window < 2 * metrics.every:
        yield Problem(
            (*here, "every"),
            f"a window of {written_duration(there.judgement.window)} holds fewer than two "
            f"questions every {written_duration(metrics.every)}; ask more often",
        )
    if not metrics.every <= metrics.stale <= _STALEST_S:
        least = written_duration(metrics.every)
        yield Problem((*here, "stale"), f"a time from {least} (every) to 5m is needed")
