"""Who is meant by an address or a name, and how is a text told without them?

Nobody else is touched: a name that somebody else has too is not looked for in sentences, and one
that is a part of somebody else's only where it stands alone.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from fairlead.errors import Refused

ERASED_AT = "erased.invalid"
_EMAIL = r"(?<![\w.+%-]){}(?![\w-]|\.\w)"
_NAME = r"(?<![\w@]){}(?![\w@])"
_ALONE = r"(?<![\w.@-]){}(?![\w@-]|\.\w)"


@dataclass(frozen=True, slots=True)
class Known:
    """What belongs to one person as Fairlead knows them; each may be empty.

    `account` is what they are called here, `name` what they call themselves in commits.
    """

    account: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Subject:
    """One person: by addresses in small letters, accounts and names.

    `shared` are names of theirs that somebody else has too; `others` is all that others are called.
    """

    emails: frozenset[str]
    accounts: frozenset[str]
    names: frozenset[str]
    shared: frozenset[str]
    others: tuple[str, ...]

    @property
    def needles(self) -> tuple[str, ...]:
        """Return what a text of theirs has one of."""
        escaped = (email.replace("@", "%40") for email in self.emails)
        return tuple(sorted({*self.emails, *escaped, *self.accounts, *self.names}))


def subject(email: str, name: str, known: Iterable[Known]) -> Subject:
    """Return who is meant, with all that is known to belong to them.

    Errors: `Refused` when nobody is named, more than one person goes by the name, or it is a single
    word that nobody known goes by: it could be any word of a sentence.
    """
    if not (email or name):
        raise Refused("say who is meant: email or name")
    people = [Known(k.account, k.name, k.email.casefold()) for k in known]
    accounts = {k.account for k in people if k.account == name} - {""}
    emails = {email.casefold()} - {""}
    if name and not accounts:
        emails |= (found := _emails_of(name, people))
        if not found and " " not in name:
            raise Refused("nobody known goes by that one word: ask by the address or the full name")
    theirs: list[Known] = []
    while fresh := [
        k for k in people if k not in theirs and (k.account in accounts or k.email in emails)
    ]:
        theirs += fresh
        emails |= {k.email for k in fresh} - {""}
        accounts |= {k.account for k in fresh} - {""}
    names = ({k.name for k in theirs} | {name}) - {""} - accounts
    rest = [k for k in people if k not in theirs]
    folded = {k.name.casefold() for k in rest}
    shared = {one for one in names if one.casefold() in folded}
    others = tuple(sorted({one for k in rest for one in (k.account, k.name, k.email) if one}))
    return Subject(
        frozenset(emails), frozenset(accounts), frozenset(names - shared), frozenset(shared), others
    )


def _emails_of(name: str, people: Iterable[Known]) -> set[str]:
    emails = {k.email for k in people if k.name.casefold() == name.casefold()} - {""}
    if len(emails) > 1:
        raise Refused("more than one address goes by that name: ask by the address")
    return emails


@dataclass(frozen=True, slots=True)
class Reader:
    """Finds a person in what is kept, and tells it without them."""

    words: re.Pattern[str]
    addresses: re.Pattern[str]

    def without(self, value: Any, pseudonym: str, *, addresses_only: bool = False) -> Any:
        """Return the value with a pseudonym instead; keys of objects only lose addresses."""
        pattern = self.addresses if addresses_only else self.words

        def instead(found: re.Match[str]) -> str:
            return f"{pseudonym}@{ERASED_AT}" if found["email"] else pseudonym

        def told(inner: Any) -> Any:
            match inner:
                case str():
                    return pattern.sub(instead, inner)
                case dict():
                    return {self.addresses.sub(instead, k): told(v) for k, v in inner.items()}
                case list():
                    return [told(one) for one in inner]
            return inner

        return told(value)


def reader(of: Subject) -> Reader:
    """Return what finds a person."""
    emails = [_EMAIL.format(re.escape(one).replace("@", "(?:@|%40)")) for one in sorted(of.emails)]
    email = f"(?P<email>(?i:{'|'.join(emails) or '(?!)'}))"
    names = [_name(one, of.others) for one in sorted(of.accounts | of.names, key=len, reverse=True)]
    return Reader(re.compile("|".join([email, *names])), re.compile(email))


def _name(name: str, others: Iterable[str]) -> str:
    """Return how a name is found; what is two words or more, in small letters too."""
    loose = _NAME.format(re.escape(name))
    fold: Callable[[str], str] = "(?i:{})".format if " " in name else "{}".format
    inside = re.compile(fold(r"(?<!\w)" + re.escape(name) + r"(?!\w)"))
    within = any(inside.search(one) for one in others)
    return fold(_ALONE.format(re.escape(name)) if within else loose)
