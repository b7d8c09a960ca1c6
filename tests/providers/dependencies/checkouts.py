"""Small checkouts that bring in packages, and programs put in the place of their auditors."""

import hashlib
import json
from pathlib import Path
from typing import Any

from providers.dependencies.registry import SHA512

LOCK = {
    "name": "a", "version": "1.0.0", "lockfileVersion": 3, "requires": True,
    "packages": {
        "": {"name": "a", "version": "1.0.0",
             "dependencies": {"lodash": "^4.17.15", "minimist": "^1.2.0"}},
        "node_modules/lodash": {"version": "4.17.15", "integrity": SHA512},
        "node_modules/minimist": {"version": "1.2.0", "integrity": SHA512},
    },
}  # fmt: skip
DENO_LOCK = {
    "version": "5",
    "specifiers": {"npm:lodash@4.17.15": "4.17.15"},
    "npm": {"lodash@4.17.15": {"integrity": SHA512}, "minimist@1.2.0": {"integrity": SHA512}},
    "workspace": {"dependencies": ["npm:lodash@4.17.15"]},
}
HASH = "--hash=sha256:" + "a" * 64


def node(folder: Path, address: str = "", **changes: Any) -> None:
    """Lay down a package.json with its package-lock.json."""
    folder.mkdir(parents=True, exist_ok=True)
    told = LOCK | changes
    wanted = {"name": "a", "version": "1.0.0"} | {
        "dependencies": {"lodash": "^4.17.15", "minimist": "^1.2.0"}
    }
    (folder / "package.json").write_text(json.dumps(wanted, indent=2) + "\n")
    (folder / "package-lock.json").write_text(json.dumps(told, indent=2) + "\n")
    if address:
        settings = f"registry={address}\noffline=true\nomit[]=dev\naudit=false\naudit-level=none\n"
        (folder / ".npmrc").write_text(settings)


def says(program: Path, output: object, status: int = 0, before: str = "") -> None:
    """Make a program that answers so, whatever it is asked."""
    told = output if isinstance(output, str) else json.dumps(output)
    program.with_suffix(".told").write_text(told)
    program.write_text(f"#!/bin/sh\n{before}\ncat {program.with_suffix('.told')}; exit {status}\n")
    program.chmod(0o755)


def digest(folder: Path) -> str:
    """Return what every file below the folder holds, as one digest."""
    told = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        told.update(f"{path.relative_to(folder)}\0{path.stat().st_mtime_ns}\0".encode())
        told.update(path.read_bytes() if path.is_file() else b"")
    return told.hexdigest()
