"""Which tests does one JUnit XML document hold, and does it hold as many as it says?"""

from dataclasses import dataclass
from xml.parsers.expat import ExpatError, ParserCreate

from fairlead.gates.junit_case import Case, begun
from fairlead.gates.wording import counted, one_line

_SUITES = ("testsuites", "testsuite")
_HEARD = ("failure", "error", "skipped", "disabled", "flakyFailure", "flakyError")
_DEEPEST = 100
_MOST_CASES, _MOST_ELEMENTS = 200_000, 1_000_000
_HEARD_LETTERS = 4000


class UnreadableError(Exception):
    """Nothing is known of the tests of a document. The text is why."""


def cases(data: bytes) -> list[Case]:
    """Return the tests of a document; `UnreadableError` when it cannot be trusted.

    Document types are refused, and with them every entity: they can stand for gigabytes, and for
    files of this machine.
    """
    reading = _Reading()
    parser = ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    parser.StartDoctypeDeclHandler = _refuse_document_type
    try:
        parser.Parse(data, True)
    except (ExpatError, LookupError, ValueError) as error:
        raise UnreadableError(one_line(str(error), 200)) from error
    return reading.cases


def _refuse_document_type(*_: object) -> None:
    raise UnreadableError("it declares a document type, which no test runner needs")


@dataclass(frozen=True, slots=True)
class _Suite:
    """What a suite says of itself, and how much had been read when it began."""

    tests: int
    complaints: int
    cases_before: int
    complaints_before: int


class _Reading:
    """The elements of a document, as they begin and end."""

    def __init__(self) -> None:
        self.cases: list[Case] = []
        self._open: list[str] = []
        self._suites: list[_Suite] = []
        self._complaints = 0
        self._case: Case | None = None
        self._heard: tuple[str, list[str]] | None = None
        self._letters = self._elements = 0
        self._counts_subtests = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._open and name not in _SUITES:
            raise UnreadableError(f"its first element is <{one_line(name, 40)}>, not <testsuites>")
        if len(self._open) >= _DEEPEST:
            raise UnreadableError(f"it is nested deeper than {_DEEPEST} elements")
        self._elements += 1
        if self._elements > _MOST_ELEMENTS:
            raise UnreadableError(f"it holds more than {_MOST_ELEMENTS} elements")
        inside = self._open[-1] if self._open else ""
        self._open.append(name)
        if name in _SUITES:
            self._begin_suite(attributes)
        elif name == "testcase":
            self._begin_case(begun(attributes))
        elif name in _HEARD and inside in (*_SUITES, "testcase"):
            self._heard = (name, [attributes.get("message", "")[:_HEARD_LETTERS], "\n"])
            self._letters = 0
            if inside in _SUITES and name in ("failure", "error"):
                # A suite that broke outside its tests: before the first, or after the last.
                self._begin_case(Case(one_line(attributes.get("name", ""), 300) or "a suite"))

    def text(self, text: str) -> None:
        if self._heard and self._letters < _HEARD_LETTERS:
            self._heard[1].append(text[:_HEARD_LETTERS])
            self._letters += len(text)

    def end(self, name: str) -> None:
        self._open.pop()
        if self._heard and name == self._heard[0]:
            if self._case:
                self._case.hear(name, "".join(self._heard[1]))
                self._complaints += name in ("failure", "error")
            self._heard = None
            if self._open[-1] in _SUITES:
                self._case = None
        elif name == "testcase":
            self._case = None
        elif name in _SUITES:
            self._end_suite(self._suites.pop())

    def _begin_case(self, case: Case) -> None:
        if self._case:
            raise UnreadableError("a test lies inside another one")
        if len(self.cases) >= _MOST_CASES:
            raise UnreadableError(f"it holds more than {_MOST_CASES} tests")
        self._case = case
        self.cases.append(case)

    def _begin_suite(self, attributes: dict[str, str]) -> None:
        # pytest counts each subtest as a test, and writes no test case for it.
        self._counts_subtests |= attributes.get("name") == "pytest tests"
        tests = 0 if self._counts_subtests else _count(attributes, "tests")
        complaints = _count(attributes, "failures") + _count(attributes, "errors")
        self._suites.append(_Suite(tests, complaints, len(self.cases), self._complaints))

    def _end_suite(self, told: _Suite) -> None:
        inside = len(self.cases) - told.cases_before
        if told.tests > inside:
            raise UnreadableError(
                f"it tells of {counted(told.tests, 'test')} and holds {inside or 'none'}"
            )
        complaints = self._complaints - told.complaints_before
        if told.complaints > complaints:
            raise UnreadableError(
                f"it tells of {counted(told.complaints, 'failure')}"
                f" and holds {complaints or 'none'}"
            )


def _count(attributes: dict[str, str], name: str) -> int:
    told = attributes.get(name, "").strip().replace(",", "")
    if not told:
        return 0
    if not (told.isascii() and told.isdigit() and len(told) < 10):
        raise UnreadableError(f"{name} is no count: {one_line(told, 40)}")
    return int(told)
