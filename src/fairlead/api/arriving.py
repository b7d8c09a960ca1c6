"""From whom is what arrives at a door that stands before FastAPI?"""

import asyncio
from collections.abc import Iterable

from fairlead.access.person import Person
from fairlead.api.functions.known import Known

Headers = Iterable[tuple[bytes, bytes]]


async def person(known: Known, headers: Headers) -> Person | None:
    """Return whose bearer token came along; None when it is nobody's."""
    given = dict(headers).get(b"authorization", b"").decode("latin-1")
    kind, _, bearer = given.partition(" ")
    if kind.lower() != "bearer" or not bearer:
        return None
    remembered = known.remembered(bearer)
    return remembered[0] if remembered else await asyncio.to_thread(known.person, bearer)
