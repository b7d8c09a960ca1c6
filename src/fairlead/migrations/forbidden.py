"""Which statements are not run for a migration's author, and what should be written instead?"""

from fairlead.migrations.statement import Statement
from fairlead.migrations.token import Sort

_ONE_TRANSACTION = (
    "remove it: Fairlead begins and commits itself, so that the change and its record are one"
)
_TRANSACTION = {"BEGIN", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"}
_TRANSACTION_PAIRS = {("START", "TRANSACTION"), ("PREPARE", "TRANSACTION")}
_WHOLE_SERVER = {
    ("CREATE", "DATABASE"), ("DROP", "DATABASE"), ("CREATE", "TABLESPACE"),
    ("DROP", "TABLESPACE"), ("ALTER", "SYSTEM"), ("CREATE", "SUBSCRIPTION"),
    ("DROP", "SUBSCRIPTION"),
}  # fmt: skip
_SAVED_LOCK = ("PG_ADVISORY_UNLOCK", "PG_ADVISORY_UNLOCK_ALL")
_CONFORMING = "STANDARD_CONFORMING_STRINGS"


def why_not(statement: Statement) -> str:
    """Return why a statement is refused, and its remedy; empty when it can be run."""
    said = statement.words
    pair = (said[0], said[1] if len(said) > 1 else "")
    told = f"{' '.join(pair).strip()}: "
    if said[0] in _TRANSACTION or pair in _TRANSACTION_PAIRS:
        return f"{said[0]}: {_ONE_TRANSACTION}"
    if pair in _WHOLE_SERVER:
        return told + "it changes the server, not this database: run it by hand"
    if pair == ("DISCARD", "ALL") or any(word in said for word in _SAVED_LOCK):
        return told + "it would let go of the lock that keeps a second runner out: remove it"
    return _resumes_badly(statement) or _escapes_otherwise(statement)


def _resumes_badly(statement: Statement) -> str:
    """Return why an interrupted run could not tell whether the statement was done."""
    said = statement.words
    if said[0] == "REINDEX":
        return "REINDEX: it is upkeep, not a change that a file should repeat: run it by hand"
    if said[0] == "CLUSTER" and len(said) == 1:
        return "CLUSTER: name the table"
    if said[:2] == ("ALTER", "TABLE") and "DETACH" in said and "CONCURRENTLY" in said:
        return (
            "DETACH PARTITION CONCURRENTLY: an interrupted one leaves a state of its own: run it "
            "by hand, or without CONCURRENTLY"
        )
    if "INDEX" in said[:3] and "CONCURRENTLY" in said[:4]:
        at = said.index("CONCURRENTLY") + 1
        if said[0] == "CREATE" and said[at : at + 1] == ("ON",):
            return (
                "CREATE INDEX CONCURRENTLY without a name: name the index, so that an interrupted "
                "run can look for it"
            )
    return ""


def _escapes_otherwise(statement: Statement) -> str:
    """Return why texts would be read otherwise by the server than by us."""
    set_on = ("ON", "'on'", "TRUE", "'true'", "1")
    for at, token in enumerate(statement.tokens):
        mentions = token.sort in (Sort.WORD, Sort.NAME, Sort.TEXT)
        if mentions and token.text.strip("'\"").upper() == _CONFORMING:
            after = statement.words[at + 1 :]
            if statement.words[0] != "SET" or len(after) != 2 or after[1] not in set_on:
                return f"{_CONFORMING.lower()}: it is always on here: remove it, write E'' texts"
    return ""
