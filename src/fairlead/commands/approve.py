"""Answer the question whether a run may go on."""

from dataclasses import dataclass

from fairlead.access.person import Person
from fairlead.commands.deploy import about
from fairlead.commands.desk import Desk, told
from fairlead.errors import Conflict, NotAllowed, Refused
from fairlead.release.approval import Answer, Approval, objection
from fairlead.store import approvals, journal, runs


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody says to a run's question; `plan_hash` is the plan that they looked at."""

    run: str
    answer: Answer
    plan_hash: str
    reason: str


def answer(desk: Desk, person: Person, reply: Reply) -> None:
    """Approve or reject; refused for the author, the submitter and anybody without the role."""
    with desk.database.begin() as tx:
        run = runs.get(tx, reply.run)
        question = approvals.open_question(tx, run, runs.stages(tx, run.id))
        if question is None:
            raise Refused(f"run {run.id} asks for no approval now: it is {run.status}")
        why_not = objection(question, person, reply.plan_hash, desk.clock())
        if why_not:
            raise NotAllowed(why_not)
        if reply.answer is Answer.REJECTED and not reply.reason.strip():
            raise Refused("a rejection needs its reason: add --reason TEXT")
        given = Approval(
            run=run.id,
            environment=question.environment,
            plan_hash=question.plan_hash,
            answer=reply.answer,
            by=person.name,
            reason=reply.reason,
            at=desk.clock(),
        )
        if not approvals.add(tx, given):
            raise Conflict(f"run {run.id} was answered by somebody else just now: look again")
        what = f"{reply.answer} release {question.release} for {question.environment}"
        because = f"{person.name} {what}" + (f": {reply.reason}" if reply.reason else "")
        data = {"plan_hash": question.plan_hash}
        event = told(desk, person, f"approval.{reply.answer}", because, **data)
        journal.append(tx, about(event, run, question.environment))
    desk.nudge(reply.run)
