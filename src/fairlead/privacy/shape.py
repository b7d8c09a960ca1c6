"""What does a value look like? Judged here so that only counts have to be kept, never values."""

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from fairlead.privacy.kind import Kind, by_name, one_by_one

LONGEST = 2000
_EMAIL = re.compile(
    r"(?<![\w.%+-])[\w.+-]{1,64}(?:@|%40)(?:[a-z0-9](?:[a-z0-9-]{0,62})\.){1,8}[a-z]{2,24}"
    r"(?![a-z0-9-])",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?:\+|00|\(?0)[0-9(][0-9 ()./-]{5,20}[0-9]")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}(?<![A-Z0-9].{4})(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_ADDRESS = re.compile(r"[0-9A-Fa-f:.]{3,45}(?:/[0-9]{1,3})?")
_DAY = re.compile(r"(\d{4})-\d\d-\d\d(?:[ T].*)?")
_SPOT = re.compile(r"\(?-?\d{1,2}\.\d{3,}\s*[,;]\s*-?\d{1,3}\.\d{3,}\)?")
_KEY = re.compile(r'"((?:[^"\\]|\\.){1,100})"\s*:')
_WORDS = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
# Frequent first names of the four languages; one of them in front makes words a person's name.
_FIRST_NAMES = one_by_one(
    "adam alejandro alexander alice alicia amelia ana andre andrea andreas andrew angela anja "
    "anna anne anthony antonio barbara beatriz benjamin bob brian camille carla carlos carmen "
    "caroline catherine charles charlotte chloe christian christine christopher claire claudia "
    "clara daniel david diego dieter donald edward elena elisabeth elizabeth emily emma eric eva "
    "felix fernando florian francisco francois frank franz gabriel george gerard grace greta "
    "hannah hans heinz helen helga henry hugo ines ingrid isabel isabelle jack jacques james jan "
    "jane javier jean jennifer jessica joao johann john jonas jorge jose joseph joshua juan jules "
    "julia julien jurgen karen karin karl katharina kevin klaus laura lea lena leon linda lisa "
    "louis louise lucas lucia luis lukas manuel marc maria marie mario mark marta martin mary "
    "matthew max mia michael michel miguel monika nathalie nicolas nicole nina noah olivia oscar "
    "pablo patricia patrick paul paula pedro peter petra philippe pierre rachel rafael richard "
    "robert rosa ruth sabine samuel sandra sara sarah sebastian sofia sophie stefan stephanie "
    "steven susan susanne sylvie teresa thomas tim tobias ursula uwe victor walter william "
    "wolfgang yves"
)
_BIRTHS = range(1920, 2013)
# From which share of the values on a column counts: marks that hardly occur by chance need few.
_ENOUGH = {
    Kind.EMAIL: 0.05,
    Kind.BANK: 0.05,
    Kind.NAME: 0.3,
    Kind.IP: 0.5,
    Kind.PHONE: 0.5,
    Kind.PLACE: 0.5,
    Kind.BIRTH: 0.8,
}
_FEWEST_BIRTHS = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """What some values of a column looked like: `looked` of them, `counts` of each kind.

    `keys` are kinds that keys of JSON were named after, with the word that says so.
    """

    looked: int
    counts: tuple[tuple[Kind, int], ...] = ()
    keys: tuple[tuple[Kind, str], ...] = ()

    @property
    def shares(self) -> dict[Kind, float]:
        """Return the share of the values of each kind, from 0 to 1."""
        return {kind: count / self.looked for kind, count in self.counts if self.looked}

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Return the kinds of which there are enough to think that the column holds them."""
        births = dict(self.counts).get(Kind.BIRTH, 0)
        return tuple(
            kind
            for kind, share in self.shares.items()
            if share >= _ENOUGH[kind] and (kind is not Kind.BIRTH or births >= _FEWEST_BIRTHS)
        )


def sample(values: Iterable[str], *, is_json: bool = False) -> Sample:
    """Count what the values look like, each by its first 2,000 signs."""
    found: Counter[Kind] = Counter()
    keys: set[tuple[Kind, str]] = set()
    looked = 0
    for value in values:
        looked += 1
        found.update(kinds_of(value[:LONGEST]))
        if is_json:
            keys.update(kind for key in _KEY.findall(value[:LONGEST]) for kind in by_name(key))
    return Sample(looked, tuple(sorted(found.items())), tuple(sorted(keys)))


def kinds_of(value: str) -> set[Kind]:
    """Return what one value looks like."""
    told = value.strip()
    found = set()
    if _may_hold_email(told) and _EMAIL.search(told):
        found.add(Kind.EMAIL)
    if any(is_iban(match[0]) for match in _IBAN.finditer(told)):
        found.add(Kind.BANK)
    day = _DAY.fullmatch(told)
    if day and int(day[1]) in _BIRTHS:
        found.add(Kind.BIRTH)
    if not day and _is_phone(told):
        found.add(Kind.PHONE)
    if _is_address(told):
        found.add(Kind.IP)
    if _SPOT.fullmatch(told):
        found.add(Kind.PLACE)
    if _is_name(told):
        found.add(Kind.NAME)
    return found


def counted(text: str) -> Counter[Kind]:
    """Count the e-mail addresses and bank accounts (IBAN) in a text."""
    found: Counter[Kind] = Counter()
    if _may_hold_email(text):
        found[Kind.EMAIL] = sum(1 for _ in _EMAIL.finditer(text))
    found[Kind.BANK] = sum(is_iban(match[0]) for match in _IBAN.finditer(text))
    return +found


def without_emails(text: str, instead: str) -> str:
    """Return the text with something else in the place of every e-mail address."""
    return _EMAIL.sub(instead, text) if _may_hold_email(text) else text


def _may_hold_email(text: str) -> bool:
    return "@" in text or "%40" in text


def is_iban(text: str) -> bool:
    """Tell whether the check digits are right (ISO 13616, ISO 7064 MOD 97-10)."""
    plain = text.replace(" ", "")
    if not 15 <= len(plain) <= 34:
        return False
    digits = "".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])
    return int(digits) % 97 == 1


def _is_phone(told: str) -> bool:
    return bool(_PHONE.fullmatch(told)) and 8 <= sum(map(str.isdigit, told)) <= 15


def _is_address(told: str) -> bool:
    if not _ADDRESS.fullmatch(told) or not ("." in told or told.count(":") > 1):
        return False
    try:
        ipaddress.ip_interface(told)
    except ValueError:
        return False
    return True


def _is_name(told: str) -> bool:
    parts = told.split()
    return (
        2 <= len(parts) <= 4
        and parts[0].lower() in _FIRST_NAMES
        and all(_WORDS.fullmatch(part) and part[0].isupper() for part in parts)
    )
