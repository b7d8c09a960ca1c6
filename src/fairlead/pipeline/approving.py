"""A person has to agree: wait for the answer, refuse it when it comes too late."""

from datetime import timedelta

from fairlead.pipeline import databases, preparing, sboms
from fairlead.pipeline.scene import Failed, Outcome, Passed, Scene, Wait
from fairlead.release.approval import REHEARSE, Answer, Question
from fairlead.release.progress import RunStatus
from fairlead.release.release import Release
from fairlead.store import approvals, journal, runs

LOOK_S = 15.0


def advance(scene: Scene) -> Outcome:
    """Rehearse what the database is to go through, ask once, then read the answer."""
    release = preparing.get_release(scene.house, scene.run.app, scene.run.release)
    if _question(scene, release) is None:
        return Passed(f"{scene.environment} needs no approval")
    rehearsed = databases.perform(scene, release, REHEARSE)
    # Read anew: the time to answer begins when the rehearsal has ended.
    question = _question(scene, release)
    if question is None or not isinstance(rehearsed, Passed):
        return rehearsed
    return sboms.tell(scene, release) or _ask(scene, question)


def _question(scene: Scene, release: Release) -> Question | None:
    with scene.house.database.begin() as tx:
        return approvals.question(tx, scene.run, scene.stage, release)


def _ask(scene: Scene, question: Question) -> Outcome:
    with scene.house.database.begin() as tx:
        answer = approvals.find(tx, scene.run.id, scene.environment)
        in_time = scene.now < question.expires_at
        because = (
            f"release {question.release} waits for an {question.role} to approve it for "
            f"{question.environment} until {question.expires_at:%Y-%m-%d %H:%M:%S} UTC"
        )
        if answer is None and in_time:
            runs.set_status(tx, scene.run.id, RunStatus.WAITING, because)
        if answer is not None or in_time:
            # An answer may be quicker than this turn; the record still tells what was asked.
            asked = scene.event("approval.asked", because, "asked", plan_hash=question.plan_hash)
            journal.append(tx, asked)
    if answer is None and in_time:
        left = (question.expires_at - scene.now) / timedelta(seconds=1)
        return Wait(min(LOOK_S, left))
    if answer is None:
        return Failed(
            f"nobody approved release {question.release} for {question.environment} before "
            f"{question.expires_at:%Y-%m-%d %H:%M:%S} UTC: deploy the commit again"
        )
    if answer.answer is Answer.REJECTED:
        return Failed(f"{answer.by} rejected it: {answer.reason}")
    if answer.plan_hash != question.plan_hash:
        return Failed("the approval was given for another plan: deploy the commit again")
    return Passed(f"{answer.by} approved it" + (f": {answer.reason}" if answer.reason else ""))
