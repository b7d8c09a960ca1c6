"""Is a source that cannot work refused, all of it at once, and one that can taken?"""

import pytest

from fairlead.release.spec.reading import load
from release.spec.conftest import ToldAfter

JUDGEMENT = "    judgement:\n"
PROMETHEUS = """    metrics:
      from: prometheus
      url: http://127.0.0.1:9090
      queries:
        requests: sum(r{v="$release", c="$component"})
        errors: sum(e{v="$release", c="$component"})
        total_ms: sum(t{v="$release", c="$component"}[$window])
        sampled_at: max(timestamp(r{v="$release"}))
"""
HTTP = """    metrics:
      from: http
      url: https://stats.example/$release
      queries:
        requests: $.parts[?@.name=='$component'].requests
        errors: $['$component'].errors
        total_ms: $.$component.total_ms
        sampled_at: $.at
"""


@pytest.mark.parametrize(
    "metrics", [PROMETHEUS, HTTP, "    metrics: {from: fairlead}\n", "    metrics: {}\n"]
)
def test_what_can_work_is_taken(sound: str, metrics: str) -> None:
    spec = load(sound.replace(JUDGEMENT, metrics + JUDGEMENT))
    written = spec.model_dump(mode="json")
    assert "from" in written["environments"]["live"]["metrics"]
    assert type(spec).model_validate(written) == spec


@pytest.mark.parametrize(
    ("metrics", "before", "after", "sentence"),
    [
        (
            PROMETHEUS,
            "from: prometheus",
            "from: datadog",
            '"datadog" is not one of envoy, fairlead',
        ),
        (PROMETHEUS, "      url: http://127.0.0.1:9090\n", "", "url: this key is missing"),
        (PROMETHEUS, "http://", "http://me:pw@", "fairlead secret put NAME"),
        (PROMETHEUS, "http://127", "ftp://127", "http:// or https:// is needed"),
        (PROMETHEUS, ":9090", ":99999", "this is no address"),
        (PROMETHEUS, ":9090", ":9090/?a=b", "where Prometheus answers is needed"),
        (PROMETHEUS, "$release", "$relaese", "did you mean"),
        (PROMETHEUS, ', c="$component"', "", "never names $component"),
        (PROMETHEUS, 'e{v="$release", ', "e{", "never names $release"),
        (PROMETHEUS, "queries:", "every: 40s\n      queries:", "between every 1s and every 30s"),
        (PROMETHEUS, "queries:", "every: 20s\n      queries:", "ask more often"),
        (PROMETHEUS, "queries:", "stale: 1h\n      queries:", "to 5m is needed"),
        (HTTP, "$.at", "at", "this is no JSONPath"),
        (HTTP, "$.at", "$.at | $.b", "this is no JSONPath"),
        (HTTP, "$.at", "$window", 'is not one of "$release", "$component"'),
        (HTTP, "queries:", "queries:\n        buckets: $.b", "only prometheus tells histograms"),
        (HTTP, "from: http", "from: envoy", "is not asked over the network"),
    ],
)
def test_what_cannot_work_is_refused_with_its_remedy(
    told_after: ToldAfter, metrics: str, before: str, after: str, sentence: str
) -> None:
    assert before in metrics
    told = told_after(JUDGEMENT, metrics.replace(before, after, 1) + JUDGEMENT)
    assert any(sentence in one for one in told), told


def test_all_that_is_wrong_is_told_at_once(told_after: ToldAfter) -> None:
    wrong = PROMETHEUS.replace("http://", "ftp://").replace("$component", "x")
    told = told_after(JUDGEMENT, wrong.replace("queries:", "every: 1m\n      queries:") + JUDGEMENT)
    assert len(told) == 5
