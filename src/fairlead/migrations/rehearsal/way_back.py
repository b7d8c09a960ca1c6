"""What if the change has to go back? Chosen before it starts, for whoever has to agree to it."""

from fairlead.migrations.rehearsal.rehearsal import Rehearsal
from fairlead.migrations.rehearsal.verdict import Verdict


def sentences(rehearsal: Rehearsal, verdict: Verdict) -> tuple[str, ...]:
    """Return what the rehearsal found, the files, and the way back, one thing a sentence."""
    if not rehearsal.statements:
        return (verdict.because,)
    files = sorted({one.where.rpartition(":")[0] for one in rehearsal.statements})
    count = f"{rehearsal.pending} statement{'' if rehearsal.pending == 1 else 's'}"
    return (f"{count} in {', '.join(files)}", verdict.because, way_back(rehearsal))


def way_back(rehearsal: Rehearsal) -> str:
    """Return the way back: proven down files, else a forward fix, else the backup.

    A release before needs none of them: only what expands goes before it is gone.
    """
    unproven = [way for way in rehearsal.ways_back if not way.proven]
    files = {one.where.rpartition(":")[0] for one in rehearsal.statements}
    if rehearsal.ways_back and not unproven and len(rehearsal.ways_back) == len(files):
        lost = [sentence for way in rehearsal.ways_back for sentence in way.lost]
        also = f", which loses {', '.join(lost)}" if lost else ", which loses nothing"
        return f"the way back is its down file, proven by going up, down and up again{also}"
    why = f"{unproven[0].path} is not proven" if unproven else "not every file has a down file"
    return (
        f"{why}: the way back is a new migration that mends it, else the backup that is taken "
        "before, which loses what is written after (`fairlead backup restore` counts it first)"
    )
