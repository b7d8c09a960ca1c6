"""Are the packages of a lock file all found, with their versions and digests?"""

import json

import pytest

from fairlead.errors import Permanent
from fairlead.gates.packages import deno_lock, manifests, package_lock, requirements
from fairlead.gates.packages.package import Hash, Package, integrity, one_line

SHA512 = "sha512-" + "A" * 86 + "=="
A64 = "a" * 64


def names(packages: tuple[Package, ...]) -> list[str]:
    return [package.subject for package in packages]


def test_npm_packages_are_found_at_every_depth_and_workspaces_are_not_packages() -> None:
    entry = {"version": "1.0.0", "integrity": SHA512, "license": "MIT"}
    places = {
        "": {"name": "a"}, "packages/b": {"name": "b", "version": "0.0.1"},
        "node_modules/b": {"resolved": "packages/b", "link": True},
        "node_modules/@x/c": entry, "node_modules/@x/c/node_modules/d": entry,
        "packages/b/node_modules/e": entry, "node_modules/alias": entry | {"name": "f"},
    }  # fmt: skip
    told = json.dumps({"lockfileVersion": 3, "packages": places}).encode()
    found = package_lock.nodes(told)
    assert sorted(one.name for one in found.values()) == ["@x/c", "d", "e", "f"]
    assert found["node_modules/@x/c"].hashes == (Hash("sha512", "0" * 128),)
    assert package_lock.workspaces(told) == ("packages/b",)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("", "cannot be read"), ('{"lockfileVersion": 4}', "cannot be read: lockfileVersion"),
        ('{"lockfileVersion": 1}', "is of version 1"),
        ('{"lockfileVersion": 2, "packages": {"node_modules/a": {}}}', "without its version"),
        ('{"lockfileVersion": 2, "packages": {"node_modules/a": {"version": "1 2"}}}',
         "cannot be read"),
    ],
)  # fmt: skip
def test_a_lock_file_of_npm_that_says_too_little_is_refused(told: str, why: str) -> None:
    with pytest.raises(Permanent, match=why):
        package_lock.nodes(told.encode())


def test_hashed_requirements_name_everything() -> None:
    told = f"""
# a comment
--index-url https://somewhere.example/simple
Jinja2==2.11.0 ; python_version < "4" \\
    --hash=sha256:{A64} \\
    --hash=sha256:{"B" * 64}
psycopg[binary,pool]==3.3.4 --hash=sha256:{A64}  # another
"""
    found = requirements.read(told.encode())
    assert names(found.packages) == ["jinja2 2.11.0", "psycopg 3.3.4"]
    assert found.packages[0].hashes == (Hash("sha256", A64), Hash("sha256", "b" * 64))
    assert (found.loose, found.is_hashed) == ((), True)


@pytest.mark.parametrize(
    "line",
    ["jinja2", "jinja2>=2", "jinja2==2.*", "-e .", "git+https://a.example/b", "./a.whl",
     "a @ https://a.example/b", "jinja2==2.11.0 --config-settings=a=b", "jinja2==1,<2"],
)  # fmt: skip
def test_a_line_without_one_version_is_loose(line: str) -> None:
    found = requirements.read(line.encode())
    assert (found.packages, found.loose) == ((), (line,))
    assert not found.is_hashed


def test_without_hashes_more_may_be_installed_than_is_named() -> None:
    assert not requirements.read(b"jinja2==2.11.0").is_hashed
    assert requirements.read(b"-r other.txt\n--requirement=more.txt").others == (
        "other.txt", "more.txt",
    )  # fmt: skip


def test_deno_packages_of_npm_and_jsr_are_found() -> None:
    told = {
        "version": "5",
        "specifiers": {"npm:lodash@4": "4.17.15", "jsr:@std/assert@1": "1.0.13"},
        "jsr": {"@std/assert@1.0.13": {"integrity": A64, "dependencies": ["jsr:@std/internal"]}},
        "npm": {
            "lodash@4.17.15": {"integrity": SHA512},
            "@a/b@1.0.0_peer@2.0.0_@c+d@3.0.0": {"integrity": SHA512},
        },
        "remote": {"https://deno.land/x/a.ts": A64},
    }
    lock = deno_lock.read(json.dumps(told).encode())
    assert names(lock.npm) == ["@a/b 1.0.0", "lodash 4.17.15"]
    assert names(lock.jsr) == ["@std/assert 1.0.13"]
    assert lock.jsr[0].hashes == (Hash("sha256", A64),)
    assert lock.hosts == ("deno.land",)
    assert lock.names("npm:lodash@4")
    assert lock.names("npm:lodash@4/fp")
    assert not lock.names("npm:lodash@41")
    kept = json.loads(deno_lock.for_audit(json.dumps(told).encode()))
    assert sorted(kept) == ["npm", "specifiers", "version"]
    assert kept["specifiers"] == {"npm:lodash@4": "4.17.15"}


@pytest.mark.parametrize("told", ['{"version": "3"}', "{", '{"version": "5", "npm": {"a": {}}}'])
def test_a_lock_file_of_deno_that_says_too_little_is_refused(told: str) -> None:
    with pytest.raises(Permanent, match=r"deno\.lock"):
        deno_lock.read(told.encode())


def test_only_digests_of_a_known_kind_are_taken() -> None:
    assert integrity("sha512-!!! md9-AAAA sha256-AAAA") == ()
    assert integrity("sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=?a") == (Hash("sha1", "0" * 40),)


def test_a_line_for_people_carries_no_controls_and_no_password() -> None:
    assert (
        one_line("a\u001b[2J\n at https://me:secret@b.example/c") == "a [2J at https://b.example/c"
    )
    assert len(one_line("x" * 5000)) == 1000


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "text",
    ["a==1 ;" + " " * 1_000_000 + "x", "a" * 1_000_000 + "!", "a" + " " * 1_000_000 + "=",
     "a==1" + " --hash=" * 200_000, "#" * 1_000_000, "a==" + "1" * 1_000_000 + "\\\n" * 100_000],
)  # fmt: skip
def test_a_hostile_requirements_file_is_read_at_once(text: str) -> None:
    assert requirements.read(text.encode()) is not None


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    ("path", "text"),
    [("a.ts", "import" + " " * 1_000_000 + "x"), ("a.ts", "import(" * 200_000),
     ("a.ts", "from " * 200_000), ("deno.json", '"' * 1_000_000),
     ("deno.json", '"a"' + " " * 1_000_000)],
)  # fmt: skip
def test_hostile_code_is_looked_through_at_once(path: str, text: str) -> None:
    assert manifests.imports(path, text) == frozenset()
