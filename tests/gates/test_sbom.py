"""Is a release's bill of materials valid, the same every time, and honest about gaps?"""

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from fairlead.errors import Permanent
from fairlead.gates.packages.package import Hash, Kind, Package
from fairlead.gates.sbom import Shipped, purl, sbom
from fairlead.gates.sbom_difference import Difference, difference

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=1)))
SHIPPED = Shipped("r7", "c" * 40, AT, {"functions": "b" * 64, "frontend": "a" * 64})
LODASH = Package(Kind.NPM, "lodash", "4.17.15", (Hash("sha512", "1" * 128),))
SCOPED = Package(Kind.NPM, "@types/node", "22.0.0")
JINJA = Package(Kind.PYPI, "jinja2", "2.11.0", (Hash("sha256", "2" * 64), Hash("sha256", "3" * 64)))
ASSERT = Package(Kind.JSR, "@std/assert", "1.0.13", (Hash("sha256", "4" * 64),))
LOCKS = {
    "web/package-lock.json": [SCOPED, LODASH],
    "deno.lock": [ASSERT, LODASH],
    "requirements.txt": [JINJA],
}


def bill(*packages: Package) -> dict[str, Any]:
    return sbom("agentic", SHIPPED, {"deno.lock": packages})


@pytest.mark.parametrize(
    ("locks", "gaps"), [(LOCKS, ()), ({}, ()), (LOCKS, ("yarn.lock: no auditor\n",))]
)
def test_it_is_valid_by_the_published_schema(locks: Any, gaps: Any) -> None:
    told = json.dumps(sbom("agentic", SHIPPED, locks, gaps))
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(told) is None
    broken = told.replace('"library"', '"bookshop"').replace('"file"', '"bookshop"')
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(broken) is not None


def test_the_same_release_gives_the_same_document() -> None:
    turned = {path: packages[::-1] for path, packages in reversed(LOCKS.items())}
    first, second = sbom("agentic", SHIPPED, LOCKS), sbom("agentic", SHIPPED, turned)
    assert json.dumps(first) == json.dumps(second)
    assert "serialNumber" not in first
    assert first["metadata"]["timestamp"] == "2026-01-02T02:04:05Z"


def test_artifacts_are_told_with_their_digests() -> None:
    release = sbom("agentic", SHIPPED, {})["metadata"]["component"]
    assert (release["name"], release["version"]) == ("agentic", "r7")
    assert [(one["name"], one["hashes"]) for one in release["components"]] == [
        ("frontend", [{"alg": "SHA-256", "content": "a" * 64}]),
        ("functions", [{"alg": "SHA-256", "content": "b" * 64}]),
    ]
    assert {"name": "fairlead:commit", "value": "c" * 40} in release["properties"]


def test_packages_have_their_world_wide_names() -> None:
    assert [purl(one) for one in (LODASH, SCOPED, JINJA, ASSERT)] == [
        "pkg:npm/lodash@4.17.15",
        "pkg:npm/%40types/node@22.0.0",
        "pkg:pypi/jinja2@2.11.0",
        "pkg:jsr/%40std/assert@1.0.13",
    ]


def test_a_package_of_two_lock_files_is_told_once_with_both() -> None:
    components = sbom("agentic", SHIPPED, LOCKS)["components"]
    (lodash,) = [one for one in components if one["name"] == "lodash"]
    assert [one["value"] for one in lodash["properties"]] == ["deno.lock", "web/package-lock.json"]
    (jinja,) = [one for one in components if one["name"] == "jinja2"]
    assert [one["content"] for one in jinja["externalReferences"][0]["hashes"]] == [
        "2" * 64,
        "3" * 64,
    ]


def test_what_is_not_known_makes_it_incomplete() -> None:
    assert sbom("agentic", SHIPPED, LOCKS)["compositions"][0]["aggregate"] == "complete"
    told = sbom("agentic", SHIPPED, LOCKS, ["yarn.lock: no auditor"])
    assert told["compositions"][0]["aggregate"] == "incomplete"
    gap = {"name": "fairlead:gap", "value": "yarn.lock: no auditor"}
    assert gap in told["metadata"]["component"]["properties"]


def test_what_came_went_and_changed_is_told() -> None:
    newer = Package(Kind.NPM, "lodash", "4.17.21")
    found = difference(bill(LODASH, SCOPED), bill(newer, JINJA))
    assert found == Difference(
        ("pypi/jinja2 2.11.0",),
        ("npm/@types/node 22.0.0",),
        ("npm/lodash 4.17.15 → 4.17.21",),
        (),
    )
    assert found.sentence == (
        "1 package added: pypi/jinja2 2.11.0; 1 package removed: npm/@types/node 22.0.0; "
        "1 package changed: npm/lodash 4.17.15 → 4.17.21"
    )


def test_a_second_version_beside_the_first_is_a_change() -> None:
    newer = Package(Kind.NPM, "lodash", "4.17.21")
    assert difference(bill(LODASH), bill(LODASH, newer)).changed == (
        "npm/lodash 4.17.15 → 4.17.15, 4.17.21",
    )


def test_other_bytes_under_the_same_version_are_told() -> None:
    other = Package(Kind.NPM, "lodash", "4.17.15", (Hash("sha512", "9" * 128),))
    found = difference(bill(LODASH), bill(other))
    assert found.replaced == ("npm/lodash 4.17.15",)
    assert "of the same version but with other bytes: npm/lodash 4.17.15" in found.sentence
    one_more = Package(Kind.PYPI, "jinja2", "2.11.0", JINJA.hashes[:1])
    assert difference(bill(JINJA), bill(one_more)).replaced == ()


def test_nothing_new_says_so_and_much_is_told_short() -> None:
    assert difference(bill(LODASH), bill(LODASH)).sentence == "the same packages as before"
    many = [Package(Kind.NPM, f"p{number:04}", "1") for number in range(2000)]
    sentence = difference(bill(), bill(*many)).sentence
    assert sentence.startswith("2000 packages added: npm/p0000 1, ")
    assert sentence.endswith(" and 1995 more")


@pytest.mark.parametrize("told", [{}, {"components": [{}]}, {"components": [{"purl": 3}]}])
def test_a_document_that_cannot_be_read_is_refused(told: dict[str, Any]) -> None:
    with pytest.raises(Permanent, match="the bill of materials cannot be read: components"):
        difference(told, bill())
