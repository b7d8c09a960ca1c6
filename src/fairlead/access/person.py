"""Who is it?"""

from dataclasses import dataclass

from fairlead.access.role import Role


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who uses Fairlead; `email` ties them to the commits they wrote."""

    name: str
    email: str
    role: Role
