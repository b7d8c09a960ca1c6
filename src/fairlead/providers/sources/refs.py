"""Which commit and branch does a name mean in somebody's repository?"""

import re
from dataclasses import dataclass

from fairlead.errors import Refused

SHA = re.compile(r"[0-9a-f]{40}")
LOCATIONS = re.compile(
    r"/.*"  # a folder on this machine
    r"|(?:https|ssh|file)://[^-].*"
    r"|[A-Za-z0-9_][\w.-]*@[A-Za-z0-9][\w.-]*:[^:-].*"  # user@host:path
)


@dataclass(frozen=True, slots=True)
class Listing:
    """What a repository offers: full ref names with the commits they lead to, and HEAD's branch."""

    commits: dict[str, str]
    head: str

    def named(self, ref: str, location: str) -> tuple[str, str]:
        """Return the commit and the branch (or empty) that `ref` means.

        A commit's branch is that of HEAD when HEAD is at it. Errors: `Refused` when nothing, or
        two things, have the name.
        """
        if SHA.fullmatch(ref.lower()):
            at_head = self.commits.get("HEAD") == ref.lower()
            return ref.lower(), self.head if at_head else ""
        if ref == "HEAD" and ref in self.commits:
            return self.commits[ref], self.head
        full = [it for it in (ref, f"refs/heads/{ref}", f"refs/tags/{ref}") if it in self.commits]
        if len({self.commits[it] for it in full}) > 1:
            raise Refused(f"{ref!r} is a branch and a tag in {location}: say {' or '.join(full)}")
        if not full:
            raise Refused(
                f"{location} has no branch or tag {ref!r}: push it, or name a commit by all of its "
                "40 digits"
            )
        return self.commits[full[0]], _branch(full[0])


def listing(output: bytes) -> Listing:
    """Read what `git ls-remote --symref` wrote; a tag leads to the commit it was put on."""
    commits: dict[str, str] = {}
    head = ""
    for line in output.decode("utf-8", "replace").split("\n"):
        left, _, name = line.partition("\t")
        if left.startswith("ref: ") and name == "HEAD":
            head = _branch(left.removeprefix("ref: "))
        elif name.endswith("^{}"):
            commits[name.removesuffix("^{}")] = left
        elif name:
            commits.setdefault(name, left)
    return Listing(commits, head)


def checked_location(location: str) -> str:
    """Return the location when git may be given it; `Refused` for options and commands."""
    if LOCATIONS.fullmatch(location) is None or not location.isprintable():
        raise Refused(
            f"{location!r} is no place to fetch from: say an absolute folder, https://…, ssh://… "
            "or user@host:path"
        )
    return location


def _branch(name: str) -> str:
    return name.removeprefix("refs/heads/") if name.startswith("refs/heads/") else ""
