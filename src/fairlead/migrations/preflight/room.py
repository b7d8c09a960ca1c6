"""How large is what may be changed, and is there room to write it once more?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fairlead.migrations.finding import Finding, Severity
from fairlead.migrations.preflight.looked import Check, Looked, Relation, Size
from fairlead.migrations.preflight.words import size, some

LARGE = 1024**3
# A rewrite writes the table and its indexes anew while the old ones stay, and all of it as WAL.
COPIES_OF_A_REWRITE = 2


@dataclass(frozen=True, slots=True)
class Sized:
    """A relation with its size; a partitioned table has the sum of all its partitions.

    `to_be_changed` tells whether it was named; every one is when none was.
    """

    relation: Relation
    size: Size
    to_be_changed: bool


def sizes(looked: Looked) -> tuple[Sized, ...]:
    """Return every relation with its size, the largest first."""
    children: dict[int, list[Relation]] = {}
    for relation in looked.relations.values():
        if relation.parent is not None:
            children.setdefault(relation.parent, []).append(relation)
    found = [
        Sized(relation, _whole(relation, children, looked.sizes), looked.changes(relation.oid))
        for relation in looked.relations.values()
    ]
    return tuple(sorted(found, key=lambda one: (-(one.size.bytes or 0), one.relation.place)))


def _whole(
    relation: Relation, children: Mapping[int, list[Relation]], known: Mapping[int, Size]
) -> Size:
    parts = [_whole(child, children, known) for child in children.get(relation.oid, ())]
    parts.append(known.get(relation.oid, Size(None, exact=False)))
    exact = all(part.exact for part in parts)
    if any(part.bytes is None for part in parts):
        return Size(None, exact=False)
    return Size(sum(part.bytes or 0 for part in parts), exact=exact)


def need(looked: Looked, sized: Sequence[Sized]) -> int | None:
    """Return the bytes that rewriting everything named may need, or the largest if none is named.

    `sized` is what `sizes` returned. None when one of the sizes is not known.
    """
    if looked.changed is None:
        unknown = any(one.size.bytes is None for one in sized)
        tops = [] if unknown else [one.size.bytes for one in sized[:1]]
    else:
        # A partition whose parent was named, too, counts in it.
        named = [one for one in sized if one.to_be_changed]
        tops = [one.size.bytes for one in named if not looked.changes(one.relation.parent)]
        unknown = None in tops
    return None if unknown else sum(each or 0 for each in tops) * COPIES_OF_A_REWRITE


def findings(looked: Looked) -> Iterator[Finding]:
    """Tell what is large, what nobody can measure now, and whether the disk has room."""
    sized = sizes(looked)
    changed = [one for one in sized if one.to_be_changed and looked.sizes]
    for one in changed:
        if (one.size.bytes or 0) >= LARGE:
            yield _large(one, named=looked.changed is not None)
    if unknown := [one.relation.place for one in changed if one.size.bytes is None]:
        yield Finding(
            Check.SIZES,
            Severity.UNKNOWN,
            some(unknown),
            f"how large {some(unknown)} is cannot be told now: it, or a part of it, is locked "
            "exclusively (or measuring took too long), and it was never analysed",
            "look again once it is free",
        )
    yield from _disk(looked, need(looked, sized))


def _large(one: Sized, *, named: bool) -> Finding:
    place, about = one.relation.place, "" if one.size.exact else "about "
    return Finding(
        Check.SIZES,
        Severity.WARNING if named else Severity.NOTE,
        place,
        f"{place} has {about}{size(one.size.bytes or 0)} with its indexes: a change that rewrites "
        "or scans it holds its lock for as long as that takes",
        "rehearse it; add constraints NOT VALID, build indexes CONCURRENTLY, fill in batches",
    )


def _disk(looked: Looked, needed: int | None) -> Iterator[Finding]:
    if (free := looked.free_bytes) is None:
        return
    what = "rewriting " + (
        "the tables named" if looked.changed is not None else "the largest table"
    )
    if needed is None:
        yield Finding(
            Check.DISK,
            Severity.UNKNOWN,
            "data directory",
            f"{size(free)} are free; what {what} needs is not known",
            "look again once every table can be measured",
        )
    elif needed > free:
        yield Finding(
            Check.DISK,
            Severity.WARNING if looked.changed is None else Severity.ERROR,
            "data directory",
            f"{size(free)} are free, and {what} may need {size(needed)}",
            "make room first, or keep to changes that rewrite nothing",
        )
