"""What does privacy.yaml declare of each column? Its purpose, basis, retention, ways out.

How the file is read is told in `reading`.
"""

from dataclasses import dataclass
from enum import StrEnum

from fairlead.privacy import place
from fairlead.privacy.place import Pattern, Place

FILE_NAME = "privacy.yaml"


class LegalBasis(StrEnum):
    """Why personal data may be kept at all: GDPR, Art. 6(1), letters a to f."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"

    @property
    def article(self) -> str:
        """Return where the GDPR names it."""
        return f"Art. 6(1)({'abcdef'[[*LegalBasis].index(self)]})"


@dataclass(frozen=True, slots=True)
class Job:
    """A job of pg_cron, by its name."""

    name: str

    def __str__(self) -> str:
        return f"the pg_cron job {place.quoted(self.name)}"


@dataclass(frozen=True, slots=True)
class SqlFunction:
    """A function of the database."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"the SQL function {place.quoted(self.schema)}.{place.quoted(self.name)}"


@dataclass(frozen=True, slots=True)
class EdgeAction:
    """An action of an edge function."""

    function: str
    action: str

    def __str__(self) -> str:
        return f"the action {self.action} of the edge function {self.function}"


Way = SqlFunction | EdgeAction


@dataclass(frozen=True, slots=True)
class Entry:
    """Why some columns are held, for how long, and how one person's rows are found and left."""

    columns: Pattern
    purpose: str
    legal_basis: LegalBasis
    retention: str
    enforced_by: Job | SqlFunction
    subject: str
    export: Way
    erase: Way


@dataclass(frozen=True, slots=True)
class NotPersonal:
    """Columns that are not personal whatever they look like, and why."""

    columns: Pattern
    reason: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """All that is declared."""

    data: tuple[Entry, ...] = ()
    not_personal: tuple[NotPersonal, ...] = ()

    def of(self, column: Place) -> Entry | NotPersonal | None:
        """Return what is declared of a column: the most precise word counts, `data` before."""
        every: tuple[Entry | NotPersonal, ...] = (*self.data, *self.not_personal)
        said = [one for one in every if one.columns.covers(column)]
        return max(said, key=lambda one: one.columns.precision, default=None)
