"""What does the watch say, at three in the morning?"""

from fairlead.analysis.watch import Watched
from fairlead.release.spec.watched import EMERGENCY
from fairlead.store.watch_actions import Ended
from fairlead.store.watched import Alone, Policies


def effect(place: Alone) -> str:
    """Return what all effects about a live release begin with."""
    return f"watch/{place.app}/{place.environment}/{place.live}"


def emergency(policies: Policies | None) -> str:
    """Return the secret that holds the emergency channel's address; empty where there is none."""
    channels = policies.channels if policies else {}
    return str(channels.get(EMERGENCY, {}).get("webhook", ""))


def goes_back(place: Alone, because: str, run: str) -> str:
    """Say that a release goes back, why, and where to look."""
    where = f"{place.app}, {place.environment}: goes back from {place.live} to {place.previous}"
    return f"{where}, by itself: {because}. `fairlead watch {run}` shows it."


def ended(ended: Ended) -> str:
    """Say how the way back ended, and what is left to do."""
    if ended.status == "succeeded":
        return f"{ended.app}: {ended.because}"
    where = f"{ended.app}, {ended.environment}: release {ended.release} could not go back"
    left = f"A person has to decide: `fairlead watch {ended.run}` tells what happened."
    return f"{where} (run {ended.run}, {ended.status}): {ended.because}. {left}"


def fields(place: Alone, known: Watched | None) -> dict[str, str]:
    """Return the short facts, titled as the runbook titles them; what is not known is said.

    Of a release that is not watched any more only its name is told.
    """
    where = {"Environment": place.environment, "Release": place.live}
    if known is None or known.release != place.live:
        return where
    judged = known.judged
    requests = sum(m.requests for m in judged)
    errors, total_ms = sum(m.errors for m in judged), sum(m.total_ms for m in judged)
    return where | {
        "Error Rate": f"{errors / requests:.2%}" if requests else "unknown",
        "Response Time": f"{total_ms / requests:.0f} ms" if requests else "unknown",
        "Requests": str(requests),
    }
