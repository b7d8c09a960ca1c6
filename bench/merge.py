"""How long does it take to merge 10,000 findings, compare them with as many, and write SARIF?"""

import json
import time

from fairlead.gates.comparing import compared, merged
from fairlead.gates.finding import Finding, Place, Scan, Severity
from fairlead.gates.sarif import log
from fairlead.gates.sarif_reading import read

FINDINGS, TOOLS = 10_000, 5
LIMIT_S = 2.0


def merge_10k() -> float:
    """Return the seconds for 10,000 findings of five tools; half of them were known before."""
    before, now = _scans(0), _scans(FINDINGS // 2)
    begun = time.perf_counter()
    written = json.dumps(log(together := merged(now), compared(merged(before), together)))
    took_s = time.perf_counter() - begun
    told = read(written.encode())
    assert sum(len(scan.findings) for scan in told) == FINDINGS
    assert written.count('"baselineState": "unchanged"') == FINDINGS // 2
    assert written.count('"baselineState": "absent"') == FINDINGS // 2
    return took_s


def _scans(first: int) -> list[Scan]:
    """Return two runs of each tool that overlap in a quarter of what they found."""
    scans = []
    each = FINDINGS // TOOLS
    for tool in range(TOOLS):
        begin = first // TOOLS
        found = [_finding(number) for number in range(begin, begin + each)]
        cuts = (each * 5 // 8, each * 3 // 8)
        for part in (found[: cuts[0]], found[cuts[1] :]):
            scans.append(Scan(f"tool-{tool}", "1.0", "https://example.org", tuple(part)))
    return scans


def _finding(number: int) -> Finding:
    return Finding(
        f"rule-{number % 50}",
        [*Severity][number % 5],
        f"The value number {number} reaches a query without being checked.",
        Place(f"src/functions/part-{number % 300}/handler.ts", number % 900 + 1, 3, number + 1, 9),
        subject=f"function_{number}",
        help="Pass it as a parameter.",
        link=f"https://example.org/rules/{number % 50}",
    )


if __name__ == "__main__":
    took_s = merge_10k()
    verdict = "within" if took_s <= LIMIT_S else "OVER"
    print(
        f"{FINDINGS} findings merged, compared and written: {took_s:.2f} s ({verdict} {LIMIT_S} s)"
    )
    print(json.dumps({"merge_10k_s": round(took_s, 3)}))
