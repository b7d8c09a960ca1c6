"""Does what pip-audit writes reach us whole, with what it left out?"""

import json
from typing import Any

import pytest

from fairlead.errors import Permanent
from fairlead.gates.advisories import pip
from fairlead.gates.finding import Severity
from fairlead.gates.packages.package import Kind, Package

JINJA = Package(Kind.PYPI, "jinja2", "2.11.0")
FLASK = Package(Kind.PYPI, "flask-login", "0.6.0")
BAD = {
    "id": "PYSEC-2021-66", "fix_versions": ["2.11.3"], "aliases": ["CVE-2020-28493"],
    "description": "ReDoS in the urlize filter.\nMore of it.",
}  # fmt: skip


def report(*dependencies: dict[str, Any]) -> bytes:
    return json.dumps({"dependencies": dependencies, "fixes": []}).encode()


def jinja(**bad: Any) -> bytes:
    return report({"name": "jinja2", "version": "2.11.0", "vulns": [BAD | bad]})


def test_an_advisory_names_its_package_and_the_version_that_mends_it() -> None:
    audit = pip.read(jinja(), [JINJA])
    (one,) = audit.findings
    assert (one.rule, one.subject) == ("PYSEC-2021-66", "jinja2 2.11.0")
    assert one.help == "fixed in 2.11.3"
    assert one.link == "https://osv.dev/vulnerability/PYSEC-2021-66"
    assert audit.gap == ""


def test_pip_audit_knows_no_severity_so_all_count_as_high() -> None:
    (one,) = pip.read(jinja(), [JINJA]).findings
    assert one.severity is Severity.HIGH
    assert one.sentence == (
        "ReDoS in the urlize filter. (its severity is not known, so it counts as high)"
    )


def test_other_names_stand_in_for_a_description_and_no_fix_is_told() -> None:
    (one,) = pip.read(jinja(description="", fix_versions=[]), [JINJA]).findings
    assert one.sentence.startswith("it has a published advisory (CVE-2020-28493)")
    assert one.help == "no version mends it yet"


def test_a_package_that_was_left_out_is_a_gap() -> None:
    skipped = {"name": "Flask_Login", "skip_reason": "Dependency not found on PyPI"}
    audit = pip.read(report({"name": "jinja2", "version": "2.11.0", "vulns": []}, skipped),
                     [JINJA, FLASK])  # fmt: skip
    assert audit.findings == ()
    assert audit.gap == (
        "pip-audit left out 1 of the packages (flask-login): Dependency not found on PyPI"
    )
    assert "(flask-login, jinja2): it did not say why" in pip.read(report(), [JINJA, FLASK]).gap


@pytest.mark.parametrize("output", [b"", b"[]", b"{}", jinja()[:-3], jinja(id="a b"), jinja(id=3)])
def test_what_is_no_whole_report_is_refused(output: bytes) -> None:
    with pytest.raises(Permanent, match="its report cannot be read"):
        pip.read(output, [JINJA])
