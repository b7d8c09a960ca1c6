"""Are components, permissions and addresses that cannot work refused, with the remedy?"""

from collections.abc import Callable

import pytest

Told = Callable[[str], tuple[str, ...]]
ToldAfter = Callable[[str, str], tuple[str, ...]]

SITE = "  site: {kind: static, path: dist}\n"
LEADS_OUT = "leads out of the repository; name a folder within it, such as dist"

CASES = {
    "an absolute path": (
        "path: dist",
        "path: /etc",
        f'fairlead.yaml:4: components.site.path: "/etc" {LEADS_OUT}',
    ),
    "a path upwards": (
        "path: dist",
        "path: a/../../b",
        f'fairlead.yaml:4: components.site.path: "a/../../b" {LEADS_OUT}',
    ),
    "one folder for two components": (
        "path: dist",
        "path: ./supabase/functions/",
        'fairlead.yaml:7: components.api.path: "supabase/functions" is already component site; '
        "remove one of them",
    ),
    "two migrations of one folder": (
        SITE,
        f"{SITE}  one: {{kind: postgres, path: sql}}\n  two: {{kind: postgres, path: sql}}\n",
        'fairlead.yaml:6: components.two.path: "sql" is already component one; remove one of them',
    ),
    "two sites": (
        SITE,
        f"{SITE}  blog: {{kind: static, path: blog}}\n",
        "fairlead.yaml:5: components.blog.kind: site is a static component already, and only one "
        "can answer at /; put them into one folder or into two apps",
    ),
    "two sets of functions": (
        SITE,
        f"{SITE}  more: {{kind: functions, path: more}}\n",
        "fairlead.yaml:7: components.api.kind: more is a functions component already, and only "
        "one can answer at /functions/v1/; put them into one folder or into two apps",
    ),
    "a database that nothing migrates": (
        "    strategy: blue_green\n",
        "    strategy: blue_green\n    database: {secret: shop}\n",
        "fairlead.yaml:17: environments.staging.database: no component is of kind postgres, so "
        "nothing would ever change it; add one, or remove the database",
    ),
    "permissions without limits": (
        "    path: supabase/functions",
        "    path: supabase/functions\n    permissions: [--allow-net, -A]",
        "fairlead.yaml:8: components.api.permissions[1]: -A would switch confinement off; "
        "list what the functions need, such as --allow-net",
    ),
    "permissions that do not exist": (
        "    path: supabase/functions",
        "    path: supabase/functions\n    permissions: [--alow-net]",
        'fairlead.yaml:8: components.api.permissions[0]: "--alow-net" is not one of --allow-… or '
        "--deny-… with read, write, net, env, sys, run, ffi, import (did you mean --allow-net?)",
    ),
    "permissions of files": (
        "path: dist}",
        "path: dist, permissions: [--allow-read]}",
        "fairlead.yaml:4: components.site.permissions: a static component runs nothing; "
        "remove its permissions",
    ),
    "an address taken twice": (
        "listen: 127.0.0.1:8080",
        "listen: localhost:8082",
        "fairlead.yaml:19: environments.live.listen: 127.0.0.1:8082 is taken by environment "
        "staging (127.0.0.1:8082); choose another port",
    ),
    "an address within another": (
        "listen: 127.0.0.1:8080",
        "listen: 0.0.0.0:8082",
        "fairlead.yaml:19: environments.live.listen: 0.0.0.0:8082 is taken by environment "
        "staging (127.0.0.1:8082); choose another port",
    ),
}


@pytest.mark.parametrize(("old", "new", "problem"), CASES.values(), ids=CASES.keys())
def test_a_part_that_cannot_work_is_refused_with_its_line_and_remedy(
    told_after: ToldAfter, old: str, new: str, problem: str
) -> None:
    assert problem in told_after(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("path: dist", "path: ."),
        ("path: dist", "path: dist/..site"),
        ("path: supabase/functions", "path: f\n    permissions: [--allow-net=a.b, --deny-ffi]"),
        ("listen: 127.0.0.1:8080", "listen: 127.0.0.2:8082"),
    ],
)
def test_a_part_that_can_work_is_accepted(told_after: ToldAfter, old: str, new: str) -> None:
    assert told_after(old, new) == ()


def test_migrations_alone_cannot_be_judged(told: Told, sound: str) -> None:
    begin, end = sound.index(SITE), sound.index("gates:\n")
    text = sound[:begin] + "  data: {kind: postgres, path: sql}\n" + sound[end:]
    assert told(text) == (
        "fairlead.yaml:15: environments.live: no component answers requests, so nothing can be "
        "judged here; add a static or functions component",
    )
