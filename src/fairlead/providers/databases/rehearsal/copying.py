"""How does a database come to the scratch server: its schema, and its rows or a sample of them?"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from fairlead.errors import Permanent
from fairlead.migrations.schema import difference
from fairlead.providers.databases import programs
from fairlead.providers.databases.rehearsal import sampling
from fairlead.providers.databases.rehearsal.courtesy import courteous
from fairlead.providers.databases.rehearsal.making import NAME, make_database
from fairlead.providers.databases.rehearsal.target import Target
from fairlead.providers.databases.schemas import schema
from fairlead.providers.databases.scratch import Scratch

_DUMP = ("pg_dump", "--format=custom", "--compress=0", "--lock-wait-timeout=2000")
_RESTORE = ("pg_restore", "--jobs=2", "--no-tablespaces", "--no-subscriptions")
_TIMEOUT_S = 1800.0
# The copy itself, one to run on, one to be killed on or to go up and down on, and the dump.
_COPIES = 4


@dataclass(frozen=True, slots=True)
class Sizes:
    """Up to how many bytes everything is copied, and how many of a larger database are."""

    whole: int = 2 * 1024**3
    sample: int = 256 * 1024**2


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied. `factors` are how many times larger the tables of a sample really are."""

    factors: Mapping[str, float]
    gaps: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Tell whether every row was copied."""
        return not self.factors


def copy(url: str, target: Target, server: Scratch, sizes: Sizes) -> Copied:
    """Copy the target into the scratch server's database `restored`.

    Errors: `Temporary` when the target does not answer, a table is locked, or somebody waited for
    the copying; `Permanent` when it may not be read as a whole.
    """
    free = shutil.disk_usage(server.folder).free
    whole = target.bytes <= sizes.whole and target.bytes * _COPIES < free
    notes = make_database(target, server)
    gaps = _missing(target, server)
    with courteous(url) as reading:
        dump = server.folder / "target.dump"
        gaps += _restored(reading, server, dump, () if whole else ("--schema-only",))
        factors: Mapping[str, float] = {}
        if not whole:
            limit = min(sizes.sample, free // _COPIES)
            factors, told = sampling.sample(reading, server.at(NAME), limit)
            gaps += told
            notes += [
                f"a sample was copied, {limit:,} bytes of {target.bytes:,}: the first pages that "
                "TABLESAMPLE gives of each large table; times are scaled by what is missing, and "
                "rows whose parents are missing stay"
            ]
        gaps += _other_shape(reading, target, server)
    with psycopg.connect(server.at(NAME), autocommit=True) as made:
        made.execute("VACUUM (ANALYZE)")
        made.execute("CHECKPOINT")
    return Copied(factors, tuple(gaps), tuple(notes))


def _missing(target: Target, server: Scratch) -> list[str]:
    with psycopg.connect(server.url, autocommit=True) as asked:
        rows = asked.execute("SELECT name FROM pg_available_extensions").fetchall()
    missing = sorted({*target.extensions} - {str(name) for (name,) in rows})
    return [
        f"the extension {name} is not on the scratch server, so nothing that uses it is there"
        for name in missing
    ]


def _restored(url: str, server: Scratch, dump: Path, what: tuple[str, ...]) -> list[str]:
    with dump.open("wb") as into:
        dump.chmod(0o600)
        programs.run([*_DUMP, *what], url, into=into, timeout_s=_TIMEOUT_S)
    try:
        words = [*_RESTORE, f"--dbname={NAME}", str(dump)]
        programs.run(words, server.at(NAME), timeout_s=_TIMEOUT_S)
    except Permanent as error:
        return [f"not everything could be restored: {error}"]
    finally:
        dump.unlink()
    return []


def _other_shape(url: str, target: Target, server: Scratch) -> list[str]:
    """Prove that the copy has the target's shape; versions write the same one differently."""
    if target.major != server.major:
        return []
    differs = difference(schema(url), schema(server.at(NAME)))
    return [f"the copy has another shape than the target: {'; '.join(differs)}"] if differs else []
