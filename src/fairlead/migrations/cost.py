"""What did a migration cost the clients of the database?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """What was measured, beside what was predicted.

    `blocked_client_s` is the time that sessions waited for ours, summed over them: ten that wait
    for a second are 10. `worst_wait_ms` is the longest wait of one of them, `lock_tries` how often
    the locks were asked for, `seconds` how long it all took.
    """

    blocked_client_s: float = 0.0
    worst_wait_ms: float = 0.0
    lock_tries: int = 0
    seconds: float = 0.0

    @property
    def sentence(self) -> str:
        """Return it for people."""
        tries = f"{self.lock_tries} {'try' if self.lock_tries == 1 else 'tries'}"
        waited = f"others waited {self.blocked_client_s:.2f} s in all"
        worst = f", at worst {self.worst_wait_ms:.0f} ms" if self.worst_wait_ms else ""
        return f"{tries} in {self.seconds:.1f} s, {waited}{worst}"
