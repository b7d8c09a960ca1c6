"""How does a shell read a script: which commands, joined by what?"""

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<blank>(?:[ \t\r]|\\\n)+ | (?<![^\s;&|()])\#[^\n]*)
      | (?P<operator>&&|\|\||;;|\|&|[;&|\n()])
      | (?P<word>(?: '[^']*' | "(?:\\.|[^"\\])*" | `[^`]*` | \$\{[^}]*\}
                  | \$\((?:[^()]|\([^()]*\))*\) | \\. | [0-9]*[<>]+&?[0-9-]* | &>+
                  | [^\s;&|()'"`\\<>] )+)""",
    re.VERBOSE | re.DOTALL,
)
_OPENS = {"if": "fi", "for": "done", "while": "done", "until": "done", "case": "esac"}
_ENDS = {";", "\n", "&"}
DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Call:
    """A simple command: its words as written, quotes and redirections included."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """An `if`, `for`, `while`, `until` or `case`: what it does depends on what it meets."""


@dataclass(frozen=True, slots=True)
class Group:
    """Commands within `( )` or `{ }`."""

    lines: "tuple[Line, ...]"


Command = Call | Loop | Group


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands joined by `|`."""

    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """Pipelines joined by `&&` and `||`, run in the background when ended by `&`."""

    pipelines: tuple[Pipeline, ...]
    joints: tuple[str, ...]
    background: bool


def parsed(script: str) -> tuple[Line, ...] | None:
    """Return the script's lines; None when it is more than this reader understands."""
    # A here-document's body is data, and its end is a word chosen freely: not read here.
    if "<<" in script:
        return None
    tokens = _tokens(script)
    if tokens is None:
        return None
    reader = _Reader(tokens)
    try:
        lines = reader.lines("")
    except _NotUnderstoodError:
        return None
    return lines if reader.at_end else None


class _NotUnderstoodError(Exception):
    """The script is wrong, or righter than this reader."""


def _tokens(script: str) -> list[tuple[str, bool]] | None:
    """Return each token and whether it is an operator; None for an open quote and the like."""
    found: list[tuple[str, bool]] = []
    at = 0
    while at < len(script):
        match = _TOKEN.match(script, at)
        if match is None:
            return None
        if match.lastgroup != "blank":
            found.append((match.group(), match.lastgroup == "operator"))
        at = match.end()
    return found


class _Reader:
    """Reads tokens from left to right."""

    def __init__(self, tokens: list[tuple[str, bool]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    @property
    def at_end(self) -> bool:
        return self._at == len(self._tokens)

    def lines(self, closer: str) -> tuple[Line, ...]:
        found: list[Line] = []
        while not self.at_end and not self._next_is(closer):
            if self._takes(";", "\n"):
                continue
            found.append(self._line())
        return tuple(found)

    def _line(self) -> Line:
        pipelines, joints = [self._pipeline()], []
        while joint := self._takes("&&", "||"):
            while self._takes("\n"):
                pass
            joints.append(joint)
            pipelines.append(self._pipeline())
        end = self._takes(*_ENDS)
        return Line(tuple(pipelines), tuple(joints), end == "&")

    def _pipeline(self) -> Pipeline:
        commands = [self._command()]
        while self._takes("|", "|&"):
            while self._takes("\n"):
                pass
            commands.append(self._command())
        return Pipeline(tuple(commands))

    def _command(self) -> Command:
        if self._takes("("):
            return self._group(")")
        if self.at_end or self._tokens[self._at][1]:
            raise _NotUnderstoodError
        word = self._tokens[self._at][0]
        if word == "{":
            self._at += 1
            return self._group("}")
        if word in _OPENS:
            return self._loop()
        return Call(self._words())

    def _group(self, closer: str) -> Group:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _NotUnderstoodError
        lines = self.lines(closer)
        if self.at_end:
            raise _NotUnderstoodError
        self._at += 1
        self._depth -= 1
        self._words()
        return Group(lines)

    def _loop(self) -> Loop:
        closers: list[str] = []
        while not self.at_end:
            word, is_operator = self._tokens[self._at]
            self._at += 1
            if not is_operator and word in _OPENS:
                closers.append(_OPENS[word])
            elif not is_operator and closers and word == closers[-1]:
                closers.pop()
            if not closers:
                self._words()
                return Loop()
        raise _NotUnderstoodError

    def _words(self) -> tuple[str, ...]:
        start = self._at
        while not self.at_end and not self._tokens[self._at][1]:
            self._at += 1
        return tuple(word for word, _ in self._tokens[start : self._at])

    def _next_is(self, token: str) -> bool:
        return self._tokens[self._at][0] == token

    def _takes(self, *operators: str) -> str:
        """Step over the next token when it is one of the operators; return it, or nothing."""
        if self.at_end:
            return ""
        token, is_operator = self._tokens[self._at]
        if not is_operator or token not in operators:
            return ""
        self._at += 1
        return token
