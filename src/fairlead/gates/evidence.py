"""Is a pass recorded earlier still good? Only while everything the gate reads is unchanged."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from fairlead.gates.file_glob import matches


def inputs_digest(
    command: Sequence[str], env: Mapping[str, str], globs: Sequence[str], blobs: Mapping[str, str]
) -> str | None:
    """Return the SHA-256 (hex) of a gate's command, environment and the files it declares.

    `blobs` maps every tracked path to its git blob id. In a glob `**` crosses folders, `*` and `?`
    do not, and a leading dot is a letter like any other. None when the gate declares no inputs, or
    one of its globs matches nothing (a misspelt one guards nothing): such a gate always runs.
    """
    if not globs:
        return None
    matched = [{path for path in blobs if matches(glob, path)} for glob in globs]
    if not all(matched):
        return None
    read = [(path, blobs[path]) for path in sorted(set().union(*matched))]
    told = json.dumps([[*command], sorted(env.items()), [*globs], read])
    return hashlib.sha256(told.encode()).hexdigest()


def is_fresh(passed_at: datetime, reuse_for_s: float, now: datetime) -> bool:
    """Tell whether a pass recorded at `passed_at` is young enough to be reused."""
    return 0 <= (now - passed_at).total_seconds() <= reuse_for_s
