"""What does `deno audit` say? It writes for people alone, so every line must be as known.

Source: the output that Deno 2.9 writes without colours, for the npm packages of deno.lock.
"""

import re
from collections.abc import Iterator, Sequence

from fairlead.errors import Permanent
from fairlead.gates.advisories.audit import Audit, advisory, fixed_in, severity, with_help
from fairlead.gates.finding import Finding, Severity
from fairlead.gates.packages.deno_lock import DenoLock
from fairlead.gates.packages.package import Package

_CLEAN = "No known vulnerabilities found"
_BLOCK = re.compile(r"╭ (?P<title>[^\n]+)\n(?P<fields>(?:│ [^\n]+\n)*╰ [^\n]+)\Z")
_FIELD = re.compile(r"[│╰] (\w+): +(.+)\Z")
_SUM = re.compile(
    r"Found (\d+) vulnerabilit(?:y|ies)\n"
    r"Severity: (\d+) low, (\d+) moderate, (\d+) high, (\d+) critical\Z"
)
_SUMMED = (Severity.LOW, Severity.MODERATE, Severity.HIGH, Severity.CRITICAL)


def read(output: bytes, packages: Sequence[Package]) -> Audit:
    """Return what Deno found for the npm packages of a lock file.

    Errors: `Permanent` when a line is not understood or its own sums do not hold.
    """
    text = output.decode("utf-8", "replace").strip()
    if text == _CLEAN:
        return Audit()
    *blocks, last = text.split("\n\n")
    told = [_told(block) for block in blocks]
    summed = _SUM.match(last)
    words = [severity(one["Severity"]) for one in told]
    wanted = [len(told), *(words.count(one) for one in _SUMMED)]
    if not summed or not told or [int(number) for number in summed.groups()] != wanted:
        raise Permanent("its report cannot be read: its sums do not hold")
    found = {finding for one in told for finding in _findings(one, packages)}
    return Audit(tuple(sorted(found, key=lambda f: (f.subject, f.rule))))


def not_judged(lock: DenoLock) -> tuple[Finding, ...]:
    """Return a finding for each thing of a lock file that no advisory database covers."""
    help_ = "judge it yourself, and suppress this with your reason and an expiry date"
    what = "no advisory database covers it, so nothing is known and it counts as high"
    names = [f"jsr:{package.subject}" for package in lock.jsr]
    names += [f"modules from {host}" for host in lock.hosts]
    return tuple(
        Finding("no-advisories", Severity.HIGH, f"{name}: {what}", subject=name, help=help_)
        for name in names
    )


def _told(block: str) -> dict[str, str]:
    found = _BLOCK.match(block.strip("\n"))
    fields = [_FIELD.match(line) for line in found["fields"].splitlines()] if found else []
    told = {one[1]: one[2].strip() for one in fields if one}
    if not found or len(told) != len(fields) or not {"Severity", "Package"} <= {*told}:
        raise Permanent("its report cannot be read: an advisory is not written as known")
    return told | {"title": found["title"]}


def _findings(told: dict[str, str], packages: Sequence[Package]) -> Iterator[Finding]:
    link = told.get("Info", "")
    rule = link.rstrip("/").rpartition("/")[2]
    versions = sorted(one.version for one in packages if one.name == told["Package"])
    if not versions:
        raise Permanent("its report names a package that deno.lock does not")
    subject = f"{told['Package']} {', '.join(versions)}"
    found = advisory(rule, severity(told["Severity"]), told["title"], subject, link)
    yield with_help(found, fixed_in(told.get("Vulnerable", "not told")))
