"""How far is it? A bar for who looks, silence for who does not."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fairlead.cli import terminal

if TYPE_CHECKING:
    from fairlead.migrations.backup import Progress, Tell


@contextmanager
def shown() -> Iterator["Tell"]:
    """Give what draws the progress while the block runs, on stderr; nothing without a terminal."""
    if not terminal.somebody_is_there():
        yield _silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    bars = Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[told]}"),
        TimeElapsedColumn(),
        console=Console(stderr=True, markup=False, emoji=False, highlight=False),
        transient=True,
    )
    with bars:
        task = bars.add_task("beginning", total=None, told="")

        def tell(now: "Progress") -> None:
            told = words(now)
            bars.update(
                task, description=now.doing, total=now.of or None, completed=now.tables, told=told
            )

        yield tell


def words(now: "Progress") -> str:
    """Return how far it is in a few words."""
    from fairlead.migrations.preflight.words import size

    tables = f"{now.tables} of {now.of} tables" if now.of else ""
    return ", ".join(part for part in (tables, size(now.bytes) if now.bytes else "") if part)


def _silent(_: "Progress") -> None:
    """Draw nothing."""
