"""How did an environment perform, beside the time before? In one paragraph of plain sentences."""

from dataclasses import dataclass

from fairlead.analysis.performance import Performance


@dataclass(frozen=True, slots=True)
class Row:
    """What one component of one release did."""

    release: str
    component: str
    seen: Performance


def slowest(rows: list[Row]) -> Row | None:
    """Return the row whose answers took longest on average; None where no time is known."""
    known = [(row.seen.mean_ms, row) for row in rows if row.seen.mean_ms is not None]
    return max(known, key=lambda pair: pair[0])[1] if known else None


def change(now: float | None, before: float | None) -> float | None:
    """Return by how many percent a number grew; None where one is UNKNOWN or it was 0 before."""
    if now is None or not before:
        return None
    return 100.0 * (now - before) / before


def summary(where: str, now: Performance, before: Performance, rows: list[Row]) -> str:
    """Return the paragraph; `where` names the environment and the time, as in `live in 10m`."""
    if not now.known:
        return f"How {where} performed is not known: {now.because}."
    told = [f"{where}: {_numbers(now)}."]
    told.append(f"Just as long before: {_numbers(before) if before.known else before.because}.")
    worst = slowest(rows)
    if worst is not None and len(rows) > 1:
        ms = _ms(worst.seen.mean_ms)
        told.append(f"Slowest is {worst.component} of release {worst.release}, {ms} on average.")
    failing = [row for row in rows if row.seen.error_rate]
    if failing:
        most = max(failing, key=lambda row: row.seen.error_rate or 0.0)
        share = f"{most.seen.error_rate:.2%}"
        told.append(f"Most fails in {most.component} of release {most.release}, {share} of it.")
    return " ".join(told)


def _numbers(seen: Performance) -> str:
    tail = "" if seen.p95_ms is None else f", p95 {_ms(seen.p95_ms)}"
    return (
        f"{seen.samples:,} requests, {seen.requests_per_second:.1f} a second, "
        f"{seen.error_rate:.2%} failed, {_ms(seen.mean_ms)} on average{tail}"
    )


def _ms(value: float | None) -> str:
    if value is None:
        return "unknown"
    return f"{value:.1f} ms" if value < 10 else f"{value:.0f} ms"
