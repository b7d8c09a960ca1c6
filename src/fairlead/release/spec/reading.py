"""What does fairlead.yaml say? A specification, or everything that is wrong with it."""

from pydantic import ValidationError

from fairlead.release.spec.check import check
from fairlead.release.spec.complaint import complaints
from fairlead.release.spec.document import Document, document
from fairlead.release.spec.model import Spec
from fairlead.release.spec.names import unknown_names
from fairlead.release.spec.problem import KeyPath, Problem, refusal

FILE_NAME = "fairlead.yaml"


def load(text: str, name: str = FILE_NAME) -> Spec:
    """Read the file and check that it can work; `Refused` with all that is wrong.

    Whether it can work is asked once its shape is right: half a file means nothing yet.
    """
    written = document(text)
    spec = _spec(written, name)
    if problems := check(spec):
        raise refusal(name, written.lines, problems)
    return spec


def read(text: str, name: str = FILE_NAME) -> Spec:
    """Read the file; `Refused` with every syntax error, unknown key or name and wrong value."""
    return _spec(document(text), name)


def decoded(data: bytes, name: str = FILE_NAME) -> str:
    """Return the text of a file's bytes; `Refused` when they are not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        sentence = "the file is not UTF-8 text; save it with that encoding"
        raise refusal(name, {}, [Problem((), sentence, line)]) from error


def _spec(written: Document, name: str) -> Spec:
    found = [*written.problems]
    if isinstance(written.tree, dict):
        found += unknown_names(written.tree)
        try:
            spec = Spec.model_validate(written.tree)
        except ValidationError as error:
            found += complaints(error, written.tree)
        else:
            if not found:
                return spec
    raise refusal(name, written.lines, _first_of_each_place(found))


def _first_of_each_place(problems: list[Problem]) -> list[Problem]:
    """Leave out what only follows from an earlier problem at the same place."""
    first: dict[tuple[KeyPath, int | None], Problem] = {}
    for problem in problems:
        first.setdefault((problem.path, problem.line), problem)
    return [*first.values()]
