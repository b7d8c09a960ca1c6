"""What is a component made of?"""

from enum import StrEnum


class ComponentKind(StrEnum):
    """What a component is made of."""

    STATIC = "static"
    FUNCTIONS = "functions"
    POSTGRES = "postgres"
