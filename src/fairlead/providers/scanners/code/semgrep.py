"""What does semgrep find in the source by rules of ours? It runs offline, beside the checkout.

It lies in an environment of its own, is never imported, and is asked only as a program.
"""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from fairlead.errors import FairleadError, Permanent
from fairlead.gates import sarif_reading, semgrep_report
from fairlead.gates.finding import Finding, Scan
from fairlead.gates.semgrep_report import Given
from fairlead.gates.wording import one_line
from fairlead.providers.scanners.calling import Answer, ask
from fairlead.providers.scanners.code.files import MOST_FILE_BYTES, give
from fairlead.providers.scanners.dependencies.checkout import content
from fairlead.providers.scanners.dependencies.tool import Bench, bench

TOOL, ABOUT = "semgrep", "https://semgrep.dev/docs"
PROGRAM = Path(sys.prefix) / "semgrep" / "bin" / "semgrep"
RULES = Path(__file__).with_name("rules.yaml")
LIMIT_S = 600.0
_MISSING = "semgrep is not installed: run `make semgrep` where Fairlead was installed"
_NOTHING = (
    "no tracked file is TypeScript, JavaScript, Python or SQL: let another tool judge with `run` "
    "and `sarif`"
)
_FOUND = "found.sarif"
_ASKED = (
    "scan", f"--config={RULES}", "--metrics=off", "--disable-version-check", "--oss-only",
    # What a comment or an ignore file of the project leaves out would be left out by nobody.
    "--disable-nosem", "--no-git-ignore", "--no-rewrite-rule-ids",
    f"--max-target-bytes={MOST_FILE_BYTES + 1}", "--timeout=10", "--timeout-threshold=1",
    "--max-memory=2000", "--jobs=2", "--json", f"--sarif-output=../.home/{_FOUND}", ".",
)  # fmt: skip
# Should it ask for anything all the same, nobody answers.
_NOWHERE = "http://127.0.0.1:9"
_ENVIRONMENT = {"HTTPS_PROXY": _NOWHERE, "HTTP_PROXY": _NOWHERE, "SEMGREP_SEND_METRICS": "off"}


def scan(
    folder: Path, history: Path | None = None, commit: str = "", program: Path | None = None
) -> Scan:
    """Return what semgrep finds in the tracked files of `folder`, as they lie there.

    `history` is the git folder and `commit` the one that the files are of, where they lie apart;
    else those of the folder itself. Whatever keeps it from judging every file is in the scan's
    `unknown`; nothing is raised.
    """
    semgrep = program or PROGRAM
    try:
        if not semgrep.is_file():
            raise Permanent(_MISSING)
        with bench(str(semgrep), _ENVIRONMENT) as here:
            given = give(folder, here.folder, history, commit)
            if not given:
                raise Permanent(_NOTHING)
            return _asked(here, given)
    except (FairleadError, OSError, ValueError) as error:
        why = str(error) if isinstance(error, FairleadError) else type(error).__name__
        return Scan(TOOL, "", ABOUT, unknown=why)


def _asked(here: Bench, given: Mapping[str, Given]) -> Scan:
    answer = ask([here.program, *_ASKED], here.folder, LIMIT_S, here.env)
    if answer.status:
        raise Permanent(f"it ended with status {answer.status}: {_why(answer)}")
    reading = semgrep_report.read(answer.output, given)
    found = content(here.folder.parent / ".home" / _FOUND, "its SARIF")
    told, *more = sarif_reading.read(found, str(here.folder), TOOL)
    unknown = told.unknown or reading.unknown
    if not unknown and (more or len(told.findings) != reading.results):
        raise Permanent("its two reports do not agree on what was found")
    findings = (*(_in_project(one, given) for one in told.findings), *reading.partly)
    return Scan(TOOL, told.version, ABOUT, findings, unknown)


def _in_project(one: Finding, given: Mapping[str, Given]) -> Finding:
    """Return the finding in the project's own file; what a comment there dismisses counts."""
    if one.place is None or one.place.file not in given:
        raise Permanent("its output names a place that it was not given")
    return replace(one, place=replace(one.place, file=given[one.place.file].path), dismissed="")


def _why(answer: Answer) -> str:
    lines = answer.told.decode("utf-8", "replace").strip().splitlines()
    return one_line(lines[-1]) if lines else "it did not say why"
