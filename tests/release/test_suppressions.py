"""Is suppressions.yaml read strictly, with every mistake told by its line?"""

from datetime import date

import pytest

from fairlead.errors import Refused
from fairlead.gates.suppression import Suppression
from fairlead.release.suppressions import read

GOOD = """\
version: 1
suppressions:
  - finding: "0123456789abcdef"
    reason: The value is a constant of ours.
    owner: mara
    until: 2027-01-31
  - rule: no-eval
    file: src/gen/**
    reason: Generated.
    owner: jo
    until: "2027-02-28"
"""


def problems(text: str | bytes) -> tuple[str, ...]:
    with pytest.raises(Refused) as refused:
        read(text.encode() if isinstance(text, str) else text)
    return refused.value.problems


def entry(**changed: str | None) -> str:
    keys: dict[str, str | None] = {
        "rule": "no-eval",
        "reason": "Generated.",
        "owner": "jo",
        "until": "2027-01-31",
    }
    lines = [f"{name}: {value}" for name, value in (keys | changed).items() if value is not None]
    return "version: 1\nsuppressions:\n  - " + "\n    ".join(lines) + "\n"


def test_every_entry_is_read() -> None:
    assert read(GOOD.encode()) == (
        Suppression(
            "The value is a constant of ours.",
            "mara",
            date(2027, 1, 31),
            finding="0123456789abcdef",
        ),
        Suppression("Generated.", "jo", date(2027, 2, 28), rule="no-eval", file="src/gen/**"),
    )
    assert read(b"version: 1\nsuppressions: []\n") == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (entry(reason=None), "yaml:3: suppressions[0].reason: this key is missing"),
        (entry(owner=None), "suppressions[0].owner: this key is missing"),
        (entry(until=None), "suppressions[0].until: this key is missing"),
        (entry(reason='"  "'), "yaml:4: suppressions[0].reason: some words are needed"),
        (entry(until="soon"), "a day such as 2027-01-31 is needed, not"),
        (entry(until="2027-02-30"), "a day such as 2027-01-31 is needed, not"),
        (entry(until="2027-01-31T10:00:00"), "a day such as"),
        (entry(until="20270131"), "put"),
        (entry(rule=None), "either finding or rule is needed"),
        (entry(finding='"0123456789abcdef"'), "either finding or rule is needed, and not both"),
        (entry(rule=None, finding="1234567890123456"), "text is needed"),
        (entry(rule=None, finding="abc"), "a fingerprint of 16 digits"),
        (entry(rule=None, finding="0123456789ABCDEF"), "a fingerprint of 16 digits"),
        (
            entry(rule=None, finding="a123456789abcdef", file="src/**"),
            "file narrows a rule",
        ),
        (entry(file="src/**.ts"), "stands between slashes"),
        (entry(note="x"), "unknown key; allowed: finding, rule, file, reason, owner, until"),
        (entry(ownr="x"), "did you mean owner?"),
        (GOOD.replace("version: 1", "version: 2"), "1 is needed, the only version there is"),
        (GOOD.replace("version: 1\n", ""), "version: this key is missing"),
        ("version: 1\n", "suppressions: this key is missing"),
        ("version: 1\nsuppressions: {}\n", "a list of entries is needed"),
        ("version: 1\nsuppressions:\n  - no-eval\n", "a block of keys is needed"),
        ("version: 1\nsuppressions:\n", "nothing is written here"),
        ("- rule: x\n", "keys and values are needed"),
        ("", "it holds nothing"),
        ("# none\n", "it holds nothing"),
        ("---\n", "nothing is written here"),
        (entry().replace("owner", "reason"), "written twice"),
        (b"version: \xff", "not UTF-8"),
    ],
)
def test_whatever_is_wrong_is_refused_with_its_place(text: str | bytes, why: str) -> None:
    told = problems(text)
    assert any(why in one for one in told), told


def test_everything_wrong_is_told_at_once() -> None:
    assert len(problems(entry(reason=None, until="soon", note="x"))) == 3
