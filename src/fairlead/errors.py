"""What can go wrong, in four families: whose fault is it, and what happens next?"""

from collections.abc import Sequence


class FairleadError(Exception):
    """A sentence for people. `str(error)` is that sentence."""


class Refused(FairleadError):  # noqa: N818 - the family's name is the house's word
    """The caller asked for something that cannot be: nothing was done.

    `problems` lists every reason when there are several, each with its place and remedy.
    """

    def __init__(self, sentence: str, problems: Sequence[str] = ()) -> None:
        super().__init__(sentence)
        self.problems = tuple(problems)


class NotAllowed(Refused):
    """The caller is known but may not do this."""


class NotFound(Refused):
    """The thing named does not exist."""


class Conflict(FairleadError):  # noqa: N818
    """Somebody else changed it first: read again, then decide again."""


class Temporary(FairleadError):  # noqa: N818
    """It may work in a moment: the pipeline tries again."""


class Permanent(FairleadError):  # noqa: N818
    """It will not work however often it is tried: the pipeline rolls back."""
