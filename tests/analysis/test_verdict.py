"""Does the worst finding decide, whatever the order?"""

from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.analysis.verdict import Finding, Verdict, worst

law = settings(deadline=None, max_examples=60)
findings = st.builds(Finding, st.sampled_from(Verdict), st.text("abc ", min_size=1))


def test_no_findings_is_never_healthy() -> None:
    assert worst([]) == Finding(Verdict.UNKNOWN, "nothing was measured")


def test_an_exhausted_iterator_is_never_healthy() -> None:
    assert worst(iter(())).verdict is Verdict.UNKNOWN


@law
@given(st.lists(findings).flatmap(lambda told: st.tuples(st.just(told), st.permutations(told))))
def test_the_order_of_findings_does_not_matter(pair: tuple[list[Finding], list[Finding]]) -> None:
    told, mixed = pair
    assert worst(mixed).verdict is worst(told).verdict


@law
@given(st.lists(findings), findings)
def test_one_more_finding_never_makes_it_milder(told: list[Finding], more: Finding) -> None:
    if told:
        assert worst([*told, more]).verdict >= worst(told).verdict
    assert worst([*told, more]).verdict >= more.verdict


@law
@given(st.lists(findings, min_size=1), st.lists(findings, min_size=1))
def test_the_worst_of_parts_is_the_worst_of_all(one: list[Finding], two: list[Finding]) -> None:
    assert worst([worst(one), worst(two)]).verdict is worst([*one, *two]).verdict


@law
@given(st.lists(findings, min_size=1))
def test_the_sentence_tells_every_finding_as_bad_as_the_worst(told: list[Finding]) -> None:
    decided = worst(told)
    bad = [f.because for f in told if f.verdict is decided.verdict]
    assert decided.because == "; ".join(bad)
