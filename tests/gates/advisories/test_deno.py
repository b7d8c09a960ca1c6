"""Is what `deno audit` writes for people read exactly, or refused?"""

import pytest

from fairlead.errors import Permanent
from fairlead.gates.advisories import deno
from fairlead.gates.finding import Severity
from fairlead.gates.packages import deno_lock
from fairlead.gates.packages.package import Kind, Package

# As Deno 2.9 writes it.
TOLD = """\
╭ Command Injection in lodash
│ Severity:   high
│ Package:    lodash
│ Vulnerable: <4.17.21
╰ Info:       https://github.com/advisories/GHSA-35jh-r3h4-6jhm

╭ Prototype Pollution in minimist
│ Severity:   critical
│ Package:    minimist
│ Vulnerable: >=1.0.0 <1.2.6
╰ Info:       https://github.com/advisories/GHSA-xvch-5gv4-984h

Found 2 vulnerabilities
Severity: 0 low, 0 moderate, 1 high, 1 critical
"""
PACKAGES = [
    Package(Kind.NPM, "lodash", "4.17.15"),
    Package(Kind.NPM, "minimist", "1.2.0"),
    Package(Kind.NPM, "minimist", "1.2.8"),
]


def test_each_advisory_is_a_finding() -> None:
    lodash, minimist = deno.read(TOLD.encode(), PACKAGES).findings
    assert (lodash.rule, lodash.subject) == ("GHSA-35jh-r3h4-6jhm", "lodash 4.17.15")
    assert (lodash.severity, lodash.help) == (Severity.HIGH, "fixed in 4.17.21")
    assert lodash.link == "https://github.com/advisories/GHSA-35jh-r3h4-6jhm"
    assert (minimist.severity, minimist.subject) == (Severity.CRITICAL, "minimist 1.2.0, 1.2.8")


def test_only_its_own_words_are_clean() -> None:
    assert deno.read(b"No known vulnerabilities found\n", PACKAGES).findings == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Found 2", "Found 1"), ("1 critical", "0 critical"), ("│ Severity:   high\n", ""),
        ("high\n", "dreadful\n"), ("│ Package:    lodash", "│ Package:    left-pad"),
        ("╭ Command", "- Command"), ("Found 2 vulnerabilities", ""), ("│ Vuln", "| Vuln"),
        (TOLD, ""), (TOLD, "No known vulnerabilities found, but"),
        (TOLD, "Found 0 vulnerabilities\nSeverity: 0 low, 0 moderate, 0 high, 0 critical\n"),
    ],
)  # fmt: skip
def test_what_is_not_written_as_known_is_refused(old: str, new: str) -> None:
    assert old in TOLD
    with pytest.raises(Permanent, match="its report"):
        deno.read(TOLD.replace(old, new, 1).encode(), PACKAGES)


def test_what_no_advisory_database_covers_counts_as_high() -> None:
    lock = deno_lock.read(
        b'{"version": "5", "jsr": {"@std/assert@1.0.13": {"integrity": ""}},'
        b' "remote": {"https://deno.land/std@0.1.0/a.ts": "", "https://deno.land/b.ts": ""}}'
    )
    assert [one.subject for one in deno.not_judged(lock)] == [
        "jsr:@std/assert 1.0.13",
        "modules from deno.land",
    ]
    assert {one.severity for one in deno.not_judged(lock)} == {Severity.HIGH}
