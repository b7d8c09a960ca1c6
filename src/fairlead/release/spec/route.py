"""Does the pipeline reach every environment, in an order that proves what it must?"""

from collections.abc import Iterator
from itertools import pairwise

from fairlead.release.spec.model import STAGE_KINDS, Environment, Spec, Stage, StrategyKind
from fairlead.release.spec.problem import KeyPath, Problem

_IMPLICIT = ("commit", "build")


def unsound_route(spec: Spec) -> Iterator[Problem]:
    """Find environments never or wrongly reached, and stages that cannot be told apart."""
    yield from _stage_names(spec)
    for name, environment in spec.environments.items():
        way = _Way(spec, name, environment)
        yield from way.problems()


def _stage_names(spec: Spec) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for index, stage in enumerate(spec.pipeline):
        here: KeyPath = ("pipeline", index)
        if stage.stage in _IMPLICIT:
            sentence = f"{stage.stage} is an implicit first stage; choose another name"
            yield Problem((*here, "stage"), sentence)
        elif seen.setdefault(stage.stage, index) != index:
            sentence = f"another stage is called {stage.stage} already; choose another name"
            yield Problem((*here, "stage"), sentence)
        gates = stage.gates or []
        for place, gate in enumerate(gates):
            if gate in gates[:place]:
                yield Problem((*here, "gates", place), f"{gate} is named twice; keep one")


class _Way:
    """One environment's stages, by their places in the pipeline."""

    def __init__(self, spec: Spec, name: str, environment: Environment) -> None:
        self.spec, self.name, self.environment = spec, name, environment
        places = [*enumerate(spec.pipeline)]
        self.entries = [i for i, stage in places if name in (stage.deploy, stage.canary)]
        self.promotions = [i for i, stage in places if stage.promote == name]
        self.monitors = [i for i, stage in places if stage.monitor == name]
        self.approvals = [i for i, stage in places if stage.approve == name]

    def problems(self) -> Iterator[Problem]:
        if not self.entries:
            sentence = "no stage deploys to this environment; add a deploy stage or remove it"
            yield Problem(("environments", self.name), sentence)
        for again in self.entries[1:]:
            sentence = f"{self.name} has the release already; remove this stage"
            yield self._at(again, sentence)
        yield from self._promotion()
        yield from self._monitoring()
        yield from self._approval()
        yield from self._together()
        if self.environment.production:
            yield from self._production()

    def _promotion(self) -> Iterator[Problem]:
        canaries = [i for i in self.entries if self.spec.pipeline[i].canary]
        for place in canaries:
            if self.environment.strategy is not StrategyKind.CANARY:
                sentence = f"the strategy of {self.name} is {self.environment.strategy}"
                yield self._at(place, f"{sentence}; set it to canary or use deploy here")
            if not any(promotion > place for promotion in self.promotions):
                sentence = (
                    f"the canary is never given all traffic; add promote: {self.name} after it"
                )
                yield self._at(place, sentence)
        for place in self.promotions:
            if not any(canary < place for canary in canaries):
                sentence = f"no canary of {self.name} comes before; promote completes a canary"
                yield self._at(place, f"{sentence}, so put one before or remove this stage")
        for place in self.promotions[1:]:
            yield self._at(place, f"{self.name} is promoted already; remove this stage")

    def _monitoring(self) -> Iterator[Problem]:
        settled = self._settled()
        for place in self.monitors:
            if self.entries and place < settled:
                sentence = f"{self.name} does not have the release yet; put monitor after"
                yield self._at(place, f"{sentence} {self.spec.pipeline[settled].stage}")

    def _approval(self) -> Iterator[Problem]:
        first = self.spec.pipeline[self.entries[0]].stage if self.entries else ""
        for place in self.approvals:
            if self.environment.approval is None and not self.environment.production:
                sentence = f"nothing says who approves {self.name}; add its approval block"
                yield self._at(place, sentence)
            elif self.entries and place > self.entries[0]:
                sentence = f"{self.name} is changed already when this is asked"
                yield self._at(place, f"{sentence}; put approve before {first}")
        if self.environment.approval and self.entries and not self.approvals:
            here: KeyPath = ("environments", self.name, "approval")
            sentence = f"no stage asks for this approval; add approve: {self.name} before {first}"
            yield Problem(here, sentence)

    def _together(self) -> Iterator[Problem]:
        """Between its stages an environment must stay held, or another run could change it."""
        own = sorted({*self.entries, *self.promotions, *self.monitors})
        for before, after in pairwise(own):
            for place in range(before + 1, after):
                stage = self.spec.pipeline[place]
                if stage.gates is None and stage.approve != self.name:
                    sentence = f"this stands between two stages of {self.name}, and another run"
                    remedy = "could change it meanwhile; move this before or after them"
                    yield self._at(place, f"{sentence} {remedy}")

    def _production(self) -> Iterator[Problem]:
        here: KeyPath = ("environments", self.name)
        if self.environment.approval is None:
            sentence = "production changes only when a person agreed; add approval"
            yield Problem(here, f"{sentence}: {{role: approver}} and a stage approve: {self.name}")
        if not self.entries:
            return
        first = self.entries[0]
        if not any(self._rehearses(stage) for stage in self.spec.pipeline[:first]):
            sentence = "no other environment has the release before production"
            yield self._at(first, f"{sentence}; add a stage that deploys to staging before")
        if not any(place > self._settled() for place in self.monitors):
            sentence = f"nobody watches {self.name} afterwards; add monitor: {self.name} after"
            yield Problem(here, f"{sentence} {self.spec.pipeline[self._settled()].stage}")

    def _rehearses(self, stage: Stage) -> bool:
        entered = stage.deploy or stage.canary
        return entered is not None and not self.spec.environments[entered].production

    def _settled(self) -> int:
        """Return the place after which the release has all traffic."""
        return max([*self.entries[:1], *self.promotions[:1]], default=0)

    def _at(self, place: int, sentence: str) -> Problem:
        stage = self.spec.pipeline[place]
        kind = next(kind for kind in STAGE_KINDS if getattr(stage, kind) is not None)
        return Problem(("pipeline", place, kind), sentence)
