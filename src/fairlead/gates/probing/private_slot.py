"""Where do functions answer that run for one gate alone, and what of those that do not run?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fairlead.gates.finding import Finding, Severity

ABOUT = "https://supabase.com/docs/guides/functions"


@dataclass(frozen=True, slots=True)
class PrivateSlot:
    """`sockets` are unix sockets by the function's name; `failed` says why others do not listen."""

    sockets: Mapping[str, Path] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)

    def findings(self) -> Iterator[Finding]:
        """Return one finding for each function that does not run."""
        for name, why in sorted(self.failed.items()):
            yield Finding(
                "function/does-not-start",
                Severity.HIGH,
                f"{name} does not start: {why}",
                subject=name,
                help="its output is in the gate's log; files outside the component's folder and "
                "modules from the network are not there when it runs",
                link=ABOUT,
            )
