"""What does any tool's SARIF 2.1.0 say? What cannot be read is unknown, never healthy."""

import re
from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from fairlead.gates.finding import Finding, Scan, Severity
from fairlead.gates.sarif_place import Places
from fairlead.gates.sarif_shape import Log, Message, Result, Rule, Run
from fairlead.gates.wording import MOST_LETTERS, one_line

MOST_BYTES = 16 * 1024 * 1024
LONGEST_FIX = 64 * 1024
_NAME_LETTERS, _SUBJECT_LETTERS, _ARGUMENT_LETTERS = 200, 500, 200
_MOST_ARGUMENTS = 20
_BOM = b"\xef\xbb\xbf"
_LINK = re.compile(r"https?://[!-~]{1,1000}")
_LEVELS = {
    "none": Severity.NOTE,
    "note": Severity.NOTE,
    "warning": Severity.MODERATE,
    "error": Severity.HIGH,
}
# The bands of CVSS 3.1, section 5.
_BANDS = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MODERATE))
_NO_FINDING = ("pass", "notApplicable", "informational")


def read(data: bytes, root: str = "", tool: str = "the tool") -> tuple[Scan, ...]:
    """Return a scan for each run; nothing is raised, whatever the bytes are.

    `root` is the absolute folder in which the tool ran: files below it are told as relative paths.
    `tool` names the tool where the bytes do not. A scan is unknown when it cannot be read in full,
    or says itself that it could not judge. Findings that are absent now are left out.
    """
    if len(data) > MOST_BYTES:
        return (_unknown(tool, f"its SARIF is larger than {MOST_BYTES >> 20} MB"),)
    try:
        log = Log.model_validate_json(data.removeprefix(_BOM))
    except ValidationError as error:
        return (_unknown(tool, f"its SARIF cannot be read: {_first(error)}"),)
    if log.version != "2.1.0":
        told = f"SARIF 2.1.0 is needed, not version {one_line(log.version, 20) or 'nothing'}"
        return (_unknown(tool, told),)
    if not log.runs:
        return (_unknown(tool, "its SARIF holds no run"),)
    return tuple(_read_run(run, root, tool) for run in log.runs)


def _read_run(written: object, root: str, tool: str) -> Scan:
    try:
        run = Run.model_validate(written)
    except ValidationError as error:
        return _unknown(tool, f"a run in its SARIF cannot be read: {_first(error)}")
    driver = run.tool.driver
    reading = _Reading(run, root)
    return Scan(
        one_line(driver.name, _NAME_LETTERS) or tool,
        one_line(driver.version or driver.semantic_version or "", _NAME_LETTERS),
        _link(driver.information_uri),
        tuple(reading.finding(one) for one in run.results or () if _is_finding(one)),
        _why_unknown(run),
    )


def _unknown(tool: str, why: str) -> Scan:
    return Scan(tool, "", "", unknown=why)


def _first(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in found["loc"])
    return one_line(f"{where}: {found['msg']}" if where else found["msg"], 300)


def _is_finding(result: Result) -> bool:
    return result.baseline_state != "absent" and result.kind not in _NO_FINDING


def _why_unknown(run: Run) -> str:
    for one in run.invocations:
        said = [*one.tool_execution_notifications, *one.tool_configuration_notifications]
        errors = [notification for notification in said if notification.level == "error"]
        for notification in errors:
            if told := one_line(notification.message.text or ""):
                return told
        if errors:
            return "it reports an error of its own run, without a word on what it was"
        if not one.execution_successful:
            return "it says that it did not run to its end"
    if run.results is None:
        return "its SARIF holds no list of results: it did not get as far as looking"
    if "results" in run.external_property_file_references:
        return "its results lie in other files, which are not read; let it write one file"
    return ""


def _link(text: str) -> str:
    return text if _LINK.fullmatch(text) else ""


class _Reading:
    """The findings of one run, with what its rules say of them."""

    def __init__(self, run: Run, root: str) -> None:
        self._places = Places(run, root)
        self._components = [run.tool.driver, *run.tool.extensions]
        self._rules: dict[str, Rule] = {}
        for component in self._components:
            for rule in component.rules:
                self._rules.setdefault(rule.id, rule)

    def finding(self, result: Result) -> Finding:
        rule = self._rule(result)
        name = result.rule_id or result.rule.id or (rule.id if rule else "")
        lines = self._said(result, rule)
        place, subject = self._places.place(result)
        return Finding(
            one_line(name, _NAME_LETTERS) or "unnamed",
            _severity(result, rule),
            next(lines, "the tool does not say what is wrong"),
            place,
            subject=one_line(subject, _SUBJECT_LETTERS),
            help=one_line(" ".join(lines)),
            link=_link(result.hosted_viewer_uri) or _link(rule.help_uri if rule else ""),
            fix=_fix(result),
            dismissed=_dismissed(result),
        )

    def _rule(self, result: Result) -> Rule | None:
        index = result.rule_index if result.rule_index >= 0 else result.rule.index
        which = result.rule.tool_component.index + 1
        if which < len(self._components) and 0 <= index < len(self._components[which].rules):
            return self._components[which].rules[index]
        name = result.rule_id or result.rule.id or ""
        # "CA1000/1" is a part of the rule "CA1000".
        return self._rules.get(name) or self._rules.get(name.rpartition("/")[0])

    def _said(self, result: Result, rule: Rule | None) -> Iterator[str]:
        texts = [_text(result.message, self._strings(result, rule))]
        if rule and rule.short_description:
            texts.append(rule.short_description.text or "")
        for text in texts:
            # One long text may belong to every result, so no more than can be shown is looked at.
            lines = [line for line in map(one_line, text[: 4 * MOST_LETTERS].splitlines()) if line]
            if lines:
                return iter(lines)
        return iter(())

    def _strings(self, result: Result, rule: Rule | None) -> Message | None:
        name = result.message.id
        if name is None:
            return None
        if rule and name in rule.message_strings:
            return rule.message_strings[name]
        return self._components[0].global_message_strings.get(name)


def _text(message: Message, string: Message | None) -> str:
    shown = (string and string.text) or ""
    text = message.text or shown or message.markdown or ""
    return _filled(text, message.arguments) if message.arguments else text


def _filled(text: str, arguments: Sequence[str]) -> str:
    def argument(found: re.Match[str]) -> str:
        number = int(found[1])
        if number >= len(arguments):
            return found[0]
        return one_line(arguments[number], _ARGUMENT_LETTERS)

    return re.sub(r"\{(\d{1,3})\}", argument, text[: 4 * MOST_LETTERS], count=_MOST_ARGUMENTS)


def _severity(result: Result, rule: Rule | None) -> Severity:
    ours = result.properties.get("severity")
    if isinstance(ours, str) and ours in [*Severity]:
        return Severity(ours)
    for bag in (result.properties, rule.properties if rule else {}):
        if band := _band(bag.get("security-severity")):
            return band
    level = result.level or (rule.default_configuration.level if rule else "warning")
    # "open" and "review" carry no level: the tool asks a person to look.
    return _LEVELS[level] if result.kind == "fail" else Severity.MODERATE


def _band(score: object) -> Severity | None:
    try:
        number = float(score) if isinstance(score, str | int | float) else 0.0
    except (ValueError, OverflowError):
        return None
    if not 0 < number <= 10:
        return None
    return next((band for least, band in _BANDS if number >= least), Severity.LOW)


def _fix(result: Result) -> str:
    fix = result.properties.get("fix")
    # A patch that was cut or cleaned would no longer be the patch.
    if not isinstance(fix, str) or len(fix) > LONGEST_FIX:
        return ""
    return fix if fix.translate({9: None, 10: None, 13: None}).isprintable() else ""


def _dismissed(result: Result) -> str:
    told = result.suppressions or []
    if not told or any(one.status != "accepted" for one in told):
        return ""
    why = next((one.justification for one in told if one.justification.strip()), "")
    return one_line(why) or "the tool was told to leave it out, without a reason"
