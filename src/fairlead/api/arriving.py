"""From whom is what arrives at a door that stands before FastAPI?"""

from collections.abc import Iterable

from fairlead.access.person import Person
from fairlead.api.functions.known import Known
from fairlead.api.lean import Shared

Headers = Iterable[tuple[bytes, bytes]]


async def person(known: Known, shared: Shared, headers: Headers) -> Person | None:
    """Return whose bearer token came along; None when it is nobody's.

    Many who come at once with one token are asked for once.
    """
    given = dict(headers).get(b"authorization", b"").decode("latin-1")
    kind, _, bearer = given.partition(" ")
    if kind.lower() != "bearer" or not bearer:
        return None
    remembered = known.remembered(bearer)
    if remembered:
        return remembered[0]
    return await shared.ask(f"token {bearer}", lambda: known.person(bearer))
