"""Which app is meant when nobody said so?"""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from fairlead.cli.options import Asked
from fairlead.errors import Refused

_DECLARED = re.compile(
    r"^app:[ \t]*[\"']?([a-z][a-z0-9-]{0,39})[\"']?[ \t]*(?:#.*)?$", re.MULTILINE
)


def app_of(asked: Asked, folder: Path, known: Callable[[], Iterable[str]]) -> str:
    """Return the app that was named, else that of `folder`, else the only one that is known."""
    if asked.app:
        return asked.app
    if declared := declared_in(folder / "fairlead.yaml"):
        return declared
    names = sorted(set(known()))
    if len(names) == 1:
        return names[0]
    if not names:
        raise Refused("no app was deployed yet: `fairlead deploy` takes a commit")
    raise Refused(f"which app? There are {', '.join(names)}: add --app NAME")


def environment_of(named: str, app: str, places: Iterable[Mapping[str, Any]]) -> str:
    """Return the environment that was named, else the one for production, else the only one.

    `places` are the environments of every app as the status tells them.
    """
    if named:
        return named
    mine = [place for place in places if place["app"] == app]
    names = [str(place["name"]) for place in mine if place["production"]]
    names = names or [str(place["name"]) for place in mine]
    if len(names) == 1:
        return names[0]
    if not names:
        raise Refused(f"nothing of {app} was deployed yet: `fairlead deploy` takes a commit")
    raise Refused(f"which environment? There are {', '.join(names)}")


def declared_in(path: Path) -> str:
    """Return the app's name in a file, empty when none is seen.

    Only that one line is read: a slip elsewhere in the file must not keep anybody from going back.
    """
    try:
        match = _DECLARED.search(path.read_text("utf-8", "replace"))
    except OSError:
        return ""
    return match[1] if match else ""
