"""What of a row tells of a person, and how is it told without them?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fairlead.privacy.own_data import Holding, How
from fairlead.privacy.subject import Reader, Subject, reader

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """Reads rows of our tables for one person."""

    of: Subject
    reader: Reader

    def found(self, row: Row, holding: Holding) -> dict[str, Any]:
        """Return the columns that tell of the person; empty when none does."""
        within = holding.within or {}
        return {
            name: row[name][within[name]] if name in within else row[name]
            for name in self.without(row, holding, "")
        }

    def without(self, row: Row, holding: Holding, pseudonym: str) -> dict[str, Any]:
        """Return the columns that tell of the person, as they are with a pseudonym instead."""
        fresh = {name: self._fresh(row[name], name, holding, pseudonym) for name in holding.columns}
        return {name: value for name, value in fresh.items() if value != row[name]}

    def is_theirs(self, row: Row, holding: Holding) -> bool:
        """Tell whether a row is the person's own: by the account, or the address alone."""
        accounts = [name for name, how in holding.columns.items() if how is How.ACCOUNT]
        email = str(row.get("email", "")).casefold()
        return email in self.of.emails or any(row[name] in self.of.accounts for name in accounts)

    def _fresh(self, value: Any, name: str, holding: Holding, pseudonym: str) -> Any:
        key = (holding.within or {}).get(name)
        if key is not None:
            return value | {key: self.reader.without(value[key], pseudonym)} if value else value
        match holding.columns[name]:
            case How.ACCOUNT:
                return pseudonym if value in self.of.accounts else value
            case How.ADDRESSES:
                return self.reader.without(value, pseudonym, addresses_only=True)
            case How.WORDS:
                return self.reader.without(value, pseudonym)


def held(of: Subject) -> Held:
    """Return what reads rows for a person."""
    return Held(of, reader(of))
