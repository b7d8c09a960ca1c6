"""What is half done in the schema? Constraints not validated, and indexes nobody can use."""

from collections.abc import Iterator

from fairlead.migrations.finding import Finding, Severity
from fairlead.migrations.preflight.looked import Build, Check, InvalidIndex, Looked, Unvalidated

_KINDS = {"f": "FOREIGN KEY", "c": "CHECK", "n": "NOT NULL"}


def findings(looked: Looked) -> Iterator[Finding]:
    """Tell every constraint and index that does not do what its name promises."""
    for constraint in looked.constraints:
        yield _constraint(constraint, looked)
    for index in looked.indexes:
        yield _index(index, looked)


def _constraint(found: Unvalidated, looked: Looked) -> Finding:
    what = f"{_KINDS.get(found.kind, 'constraint')} {found.name}"
    place = found.domain or looked.place(found.relation)
    alter = f"ALTER {'DOMAIN' if found.domain else 'TABLE'} {place}"
    if not found.enforced:
        return Finding(
            Check.CONSTRAINTS,
            Severity.NOTE,
            place,
            f"{what} is NOT ENFORCED: it is declared and nobody checks it",
            "nothing, if that is meant; rows may break it",
        )
    return Finding(
        Check.CONSTRAINTS,
        Severity.WARNING,
        place,
        f"{what} is NOT VALID: new rows obey it, older ones may break it",
        f"{alter} VALIDATE CONSTRAINT {found.name}; it lets others read and write",
    )


def _index(index: InvalidIndex, looked: Looked) -> Finding:
    place = looked.place(index.relation)
    if index.partitioned:
        return Finding(
            Check.INDEXES,
            Severity.WARNING,
            place,
            f"the index {index.place} is invalid: not every partition has its part of it",
            "create it on the partitions that lack it, then ALTER INDEX "
            f"{index.place} ATTACH PARTITION each",
        )
    build = next((build for build in looked.builds if _builds(build, index)), None)
    if build is not None:
        return Finding(
            Check.INDEXES,
            Severity.ERROR if looked.changes(index.relation) else Severity.NOTE,
            place,
            f"the index {index.place} is being built now by pid {build.pid} ({build.command}): "
            "ALTER TABLE waits until that has ended",
            "wait until it is built: SELECT * FROM pg_stat_progress_create_index",
        )
    return _not_built(index, place, looked)


def _not_built(index: InvalidIndex, place: str, looked: Looked) -> Finding:
    if unseen := [build.pid for build in looked.builds if build.relation is None]:
        return Finding(
            Check.INDEXES,
            Severity.UNKNOWN,
            place,
            f"the index {index.place} is invalid; whether pid {unseen[0]} builds it now is hidden "
            f"from role {looked.server.role}",
            "look as a role with pg_read_all_stats before dropping it",
        )
    return Finding(
        Check.INDEXES,
        Severity.WARNING,
        place,
        f"the index {index.place} is invalid and nobody builds it: it costs every write, helps no "
        "query, and CREATE INDEX IF NOT EXISTS takes it for done",
        f"DROP INDEX CONCURRENTLY {index.place}, then build it again",
    )


def _builds(build: Build, index: InvalidIndex) -> bool:
    # REINDEX TABLE CONCURRENTLY builds several indexes of a table and tells one at a time.
    whole = build.relation == index.relation and build.command.startswith("REINDEX")
    return build.index == index.oid or whole
