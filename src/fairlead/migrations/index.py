"""Which index does a statement build or drop without blocking, so that one can look for it?"""

from dataclasses import dataclass

from fairlead.migrations.change import Change, Does
from fairlead.migrations.relation import parts_at


@dataclass(frozen=True, slots=True)
class IndexWork:
    """The index `name`; `table` is empty when it is dropped. Both as written, part by part.

    `may_exist` when the statement says IF NOT EXISTS.
    """

    builds: bool
    name: tuple[str, ...]
    table: tuple[str, ...]
    may_exist: bool = False


def index_work(change: Change) -> IndexWork | None:
    """Return the index that a CONCURRENTLY works on; None for any other statement."""
    tokens = change.statement.tokens
    words = [token.word for token in tokens]
    does = change.acts[0].does
    if does not in (Does.INDEX_CONCURRENTLY, Does.DROP_INDEX_CONCURRENTLY):
        return None
    name, after = parts_at(tokens, words.index("CONCURRENTLY"))
    if does is Does.DROP_INDEX_CONCURRENTLY:
        return IndexWork(False, name, ())
    table, _ = parts_at(tokens, words.index("ON", after) + 1)
    return IndexWork(True, name, table, may_exist="EXISTS" in words[:after])
