"""What may somebody do? Four roles, each with all that the ones before it may do."""

from enum import StrEnum


class Role(StrEnum):
    """Ordered from least to most."""

    VIEWER = "viewer"
    DEPLOYER = "deployer"
    APPROVER = "approver"
    ADMIN = "admin"


_RANK = {role: rank for rank, role in enumerate(Role)}


def includes(held: Role, needed: Role) -> bool:
    """Tell whether somebody with `held` may do what `needed` allows."""
    return _RANK[held] >= _RANK[needed]
