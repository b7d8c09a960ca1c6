"""May this run go on into the environment? Who agreed, to exactly what, and until when?"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from fairlead.access.person import Person
from fairlead.access.role import Role, includes
from fairlead.analysis.history import Usual
from fairlead.release import judging
from fairlead.release.plan import plan_hash
from fairlead.release.progress import Run, StageState
from fairlead.release.release import Release
from fairlead.release.spec.model import Spec

# The command that shows what a migration does, before anybody is asked.
REHEARSE = "database.rehearse"


class Answer(StrEnum):
    """What an approver said."""

    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Approval:
    """One answer, bound to the plan's hash."""

    run: str
    environment: str
    plan_hash: str
    answer: Answer
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: may `release` go to `environment`, exactly as `plan_hash` says?

    `author_email` and `submitter` are the people who may not answer; `canary` says what the canary
    there can find and how long it takes, `database` what its migration was seen to do.
    """

    run: str
    release: str
    environment: str
    plan_hash: str
    role: Role
    asked_at: datetime
    expires_s: float
    author_email: str
    submitter: str
    canary: tuple[str, ...] = ()
    database: tuple[str, ...] = ()

    @property
    def expires_at(self) -> datetime:
        """Return when the question lapses."""
        return self.asked_at + timedelta(seconds=self.expires_s)


def question_of(
    run: Run,
    stage: StageState,
    release: Release,
    measured: Usual | None = None,
    rehearsed_at: datetime | None = None,
) -> Question | None:
    """Return what the approval stage of a run asks; None when its environment asks nobody.

    The plan's hash covers the whole file and every digest, so a changed byte asks anew. `measured`
    is what usually arrives in the environment, `rehearsed_at` when the rehearsal of the migration
    ended: the time to answer begins there.
    """
    spec = Spec.model_validate(run.spec)
    there = spec.environments[stage.planned.environment]
    policy = there.approval
    if policy is None:
        return None
    digests = tuple(f"{a.component}:{a.digest}" for a in release.artifacts)
    return Question(
        run=run.id,
        release=release.id,
        environment=stage.planned.environment,
        plan_hash=plan_hash(run.spec, digests),
        role=Role(policy.role),
        asked_at=rehearsed_at or stage.started_at or run.created_at,
        expires_s=policy.expires,
        author_email=release.commit.author_email,
        submitter=run.submitted_by,
        canary=tuple(judging.power(there, measured)),
    )


def changes_database(run: Run, stage: StageState, release: Release) -> bool:
    """Tell whether the release's migrations go to a database of the stage's environment."""
    spec = Spec.model_validate(run.spec)
    there = spec.environments[stage.planned.environment]
    return there.database is not None and release.migrations is not None


class Asks(Protocol):
    """What only a colleague with the role may decide."""

    @property
    def role(self) -> Role: ...
    @property
    def author_email(self) -> str: ...
    @property
    def submitter(self) -> str: ...


def unfit(person: Person, asks: Asks, words: tuple[str, str, str]) -> str | None:
    """Return why a person may not decide: without the role, or as submitter or author.

    `words` say what deciding is, what it is about, and what they cannot do.
    """
    deciding, what, cannot = words
    if not includes(person.role, asks.role):
        return (
            f"{person.name} has the role {person.role}; {deciding} needs {asks.role}: "
            "ask somebody who has it"
        )
    if person.name == asks.submitter:
        return f"{person.name} submitted {what} and cannot {cannot}: ask a colleague"
    if person.email.casefold() == asks.author_email.casefold():
        return f"{person.name} wrote {what} and cannot {cannot}: ask a colleague"
    return None


def objection(question: Question, person: Person, seen: str, now: datetime) -> str | None:
    """Return why `person` cannot answer now, as a sentence with the remedy; None when they can."""
    what = f"release {question.release} for {question.environment}"
    if why_not := unfit(person, question, (f"approving {what}", what, "approve it")):
        return why_not
    if now >= question.expires_at:
        return (
            f"the question about {what} expired at {question.expires_at:%Y-%m-%d %H:%M:%S} UTC: "
            "deploy the commit again"
        )
    if seen != question.plan_hash:
        return (
            f"{what} is asked for plan {question.plan_hash[:12]}, not {seen[:12]}: "
            "look at the plan again, then approve that"
        )
    return None
