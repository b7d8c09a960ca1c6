"""What does Fairlead itself hold of people: where, why, how long, and what does erasing do to it?

Every column of ours that can hold words is named here, as one that may or may not be personal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

FOREVER = "as long as the installation; docs/privacy.md says how to answer for that"
_EVENTS, _GROUPS = "30 days", "180 days after the error was last seen"
_WORK = "legitimate interests, Art. 6(1)(f): to ship software together and know who did what"
_SECURITY = "legitimate interests, Art. 6(1)(f): to let in who may come in, and nobody else"
_MEND = "legitimate interests, Art. 6(1)(f): to find and mend errors"
_PROOF = (
    "legal obligation and legitimate interests, Art. 6(1)(c) and (f): to prove who changed what "
    "was running, Art. 5(2) and 32"
)


class Fate(StrEnum):
    """What erasing a person does to a row of theirs."""

    DELETED = "deleted"
    PSEUDONYMISED = "pseudonymised"
    STAYS = "stays"


class How(StrEnum):
    """How a column tells of people."""

    ACCOUNT = "who it was"
    WORDS = "words"
    # These words mean something to Fairlead, so that only addresses are taken out of them.
    ADDRESSES = "addresses in them"


@dataclass(frozen=True, slots=True)
class Holding:
    """A table that holds something of people.

    `columns` are those that may; `within` names the one key of an object that does. `shown` are
    columns that say of what a row tells. `why` says why it stays.
    """

    table: str
    columns: Mapping[str, How]
    shown: tuple[str, ...]
    purpose: str
    legal_basis: str
    retention: str
    fate: Fate = Fate.PSEUDONYMISED
    why: str = ""
    within: Mapping[str, str] | None = None


_APPEND_ONLY = (
    "it is append-only evidence: erasure is not owed while it is needed to comply with a legal "
    "obligation or for legal claims, Art. 17(3)(b) and (e); it holds account names and sentences"
)
_WORDS = How.WORDS

HOLDINGS = (
    Holding("tokens", {"person": How.ACCOUNT, "label": _WORDS},
        ("created_at", "expires_at", "revoked_at"), "to know who asks", _SECURITY,
        "until the person is erased", Fate.DELETED),
    Holding("people", {"name": How.ACCOUNT, "email": _WORDS}, ("role", "created_at", "disabled_at"),
        "to know who may do what", _SECURITY, "until the person is erased", Fate.DELETED),
    Holding("runs", {"commit": _WORDS, "submitted_by": How.ACCOUNT, "submitter_email": _WORDS,
        "because": _WORDS, "repository": _WORDS, "spec": How.ADDRESSES},
        ("id", "app", "created_at"), "to know who wrote and who sent a release", _WORK, FOREVER),
    Holding("releases", {"manifest": _WORDS}, ("app", "id", "created_at"),
        "to keep authors from approving what they wrote", _WORK, FOREVER,
        within={"manifest": "commit"}),
    Holding("stages", {"because": _WORDS}, ("run", "name"), "to tell how far a run is", _WORK,
        FOREVER),
    Holding("gate_results", {"because": _WORDS}, ("run", "stage", "gate"),
        "to tell what a gate said", _WORK, FOREVER),
    Holding("rollouts", {"because": _WORDS, "finding": _WORDS}, ("run", "environment"),
        "to tell why a release stayed or went", _WORK, FOREVER),
    Holding("approvals", {"person": How.ACCOUNT, "reason": _WORDS},
        ("run", "environment", "answer", "at"), "to know who let a release through", _WORK,
        FOREVER),
    Holding("intentions", {"person": How.ACCOUNT, "reason": _WORDS}, ("run", "kind", "at"),
        "to know who wanted a run to end or go on", _WORK, FOREVER),
    Holding("error_groups", {"title": _WORDS, "resolved_by": How.ACCOUNT},
        ("app", "environment", "fingerprint", "resolved_at"), "to know which errors are mended",
        _MEND, _GROUPS),
    Holding("error_events", {"message": _WORDS, "stack": _WORDS, "metadata": _WORDS},
        ("app", "environment", "id", "at"), "to find the cause of errors", _MEND, _EVENTS),
    Holding("error_keys", {"made_by": How.ACCOUNT}, ("project", "app", "environment", "made_at"),
        "to know who let an application report", _SECURITY, FOREVER),
    Holding("outbox", {"subject": _WORDS, "body": _WORDS, "last_error": _WORDS},
        ("effect", "channel", "at"), "to tell people what happened", _WORK, FOREVER),
    Holding("watch_actions", {"because": _WORDS}, ("app", "environment", "at"),
        "to tell why a release was sent back", _WORK, FOREVER),
    Holding("deployment_audit", {"deployed_by": How.ACCOUNT, "git_branch": _WORDS,
        "error_message": _WORDS, "rollback_reason": _WORDS, "health_check_results": _WORDS},
        ("deployment_id", "environment", "deployment_status", "started_at"),
        "to prove who deployed what", _PROOF, FOREVER, Fate.STAYS, _APPEND_ONLY),
    Holding("journal", {"actor": How.ACCOUNT, "because": _WORDS, "data": _WORDS},
        ("seq", "at", "kind", "run"), "to prove what happened, in a chain that nobody can rewrite",
        _PROOF, FOREVER, Fate.STAYS, f"{_APPEND_ONLY}; without an entry the chain breaks"),
)  # fmt: skip

# The other columns that hold words: names of apps and what belongs to them, digests, kinds.
NOT_PERSONAL: Mapping[str, str] = {
    "alembic_version": "version_num",
    "approvals": "run environment plan_hash answer",
    "database_sizes": "app environment relation",
    "deployment_audit": "deployment_id environment deployment_type git_commit_hash "
    "deployment_status performance_metrics app run release",
    "environments": "app name listen live previous weights held_by waiting contracted",
    "error_events": "app environment fingerprint release component severity",
    "error_groups": "app environment fingerprint component severity first_release last_release",
    "error_keys": "digest app environment",
    "error_minutes": "app environment release",
    "error_releases": "app environment fingerprint release",
    "gate_results": "run gate status inputs_digest reused_from",
    "intentions": "run kind environment",
    "journal": "kind effect app run environment release previous digest",
    "measurements": "app environment release component",
    "outbox": "effect channel secret",
    "people": "role",
    "releases": "app id sha digest",
    "rollouts": "run environment release previous phase opened evidence",
    "rollups": "app environment release component source",
    "run_traces": "run",
    "runs": "id app kind release status",
    "sboms": "app release document digest",
    "slots": "id app environment release component kind units permissions endpoints",
    "stages": "run name kind environment gates status",
    "tokens": "digest",
    "traffic_minutes": "app environment release component",
    "watch_actions": "app environment release run",
}

ELSEWHERE: Mapping[str, str] = {
    "the git copies of apps in `repositories`": "authors of commits; a commit cannot be changed "
    "without its name: rewrite the app's own history, then remove the copy",
    "output of gates and builds in `jobs`, logs in `logs`": "what commands print; look for the "
    "person there, and remove the files",
    "backups of Fairlead's own database": "they hold what it held; erase again after a restore",
    "`privacy.yaml` and `fairlead.yaml` of apps": "they belong to the app: change them there",
    "databases of apps": "they are the app's: call the export and erase of its privacy.yaml",
}
