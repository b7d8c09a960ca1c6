"""Can what the file says work, and can it fail? A configuration that cannot is refused."""

from fairlead.release.spec.databases import unsound_databases
from fairlead.release.spec.evidence import unsound_evidence
from fairlead.release.spec.gates import unsound_gates
from fairlead.release.spec.guardrails import unsound_guardrails
from fairlead.release.spec.model import Spec
from fairlead.release.spec.parts import unsound_components, unsound_listeners
from fairlead.release.spec.problem import Problem
from fairlead.release.spec.protected import unprotected
from fairlead.release.spec.route import unsound_route
from fairlead.release.spec.samples import too_few_samples
from fairlead.release.spec.sources import unsound_sources
from fairlead.release.spec.timing import unsound_times
from fairlead.release.spec.watched import unsound_watches


def check(spec: Spec) -> tuple[Problem, ...]:
    """Return everything that makes the configuration useless or dangerous, with the remedy."""
    return (
        *unsound_components(spec),
        *unsound_gates(spec),
        *unsound_listeners(spec),
        *unsound_databases(spec),
        *unsound_sources(spec),
        *unsound_route(spec),
        *unprotected(spec),
        *unsound_times(spec),
        *unsound_evidence(spec),
        *unsound_guardrails(spec),
        *too_few_samples(spec),
        *unsound_watches(spec),
    )
