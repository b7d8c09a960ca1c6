"""Can this command fail at all? One that always passes is no gate."""

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from fairlead.release.spec.problem import quoted
from fairlead.release.spec.shell import Call, Command, Group, Line, Loop, Pipeline, parsed

LONGEST_SCRIPT = 4096

_SHELLS = {"sh", "bash", "dash", "ash", "ksh", "zsh"}
_NEVER_FAILS = {":", "true", "echo", "printf", "set", "export", "sleep", "trap", "umask", "unset"}
# They end with 0 whatever comes through the pipe; grep, jq -e or diff decide something.
_FILTERS = {
    *("cat", "column", "cut", "fold", "head", "less", "more", "nl", "rev", "sed", "sort"),
    *("tac", "tail", "tee", "tr", "ts", "uniq", "wc"),
}
_BEFORE_A_COMMAND = {
    *("command", "env", "exec", "nice", "nohup", "setsid", "stdbuf", "sudo", "time", "timeout"),
}
_OPTION = re.compile(r"-.*|[0-9.]+[smhd]?")
_SETTING = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=.*|[0-9]*[<>].*|&>.*", re.DOTALL)
_REMEDY = "write a command that decides something"
_HANDLES_STATUS = ("$?", "PIPESTATUS", "pipestatus")

Outcomes = frozenset[bool]
PASSES, FAILS, EITHER = frozenset({True}), frozenset({False}), frozenset({True, False})


@dataclass(frozen=True, slots=True)
class _Modes:
    """Which of the shell's two safeguards are on."""

    errexit: bool = False
    pipefail: bool = False


def why_it_cannot_fail(run: str | list[str]) -> str:
    """Say why a failure of the command, or of a part of it, could never be seen; empty if it can.

    Only what is certain is said: a script that is not fully understood counts as able to fail.
    """
    script, modes = _script(run)
    if script is None:
        words = tuple(run)
        told = f"{quoted(' '.join(words))} never fails; {_REMEDY}"
        return told if _call(Call(words)) == PASSES else ""
    if len(script) > LONGEST_SCRIPT:
        return f"{len(script)} characters are too many to check; put them in a file and run that"
    lines = parsed(script)
    if lines is None:
        return ""
    modes = _with_set(lines, modes)
    return _hidden_at_the_end(lines, modes) or _lost_on_the_way(script, lines, modes)


def _script(run: str | list[str]) -> tuple[str | None, _Modes]:
    if isinstance(run, str):
        return run, _Modes()
    if PurePosixPath(run[0]).name in _SHELLS:
        for index, word in enumerate(run[1:-1], start=1):
            if re.fullmatch(r"-[A-Za-z]*c", word):
                return run[index + 1], _modes(tuple(run[1 : index + 1]), _Modes())
    return None, _Modes()


def _with_set(lines: tuple[Line, ...], modes: _Modes) -> _Modes:
    for line in lines:
        match line.pipelines[0].commands[0]:
            case Call(words) if words[0] == "set":
                modes = _modes(words[1:], modes)
    return modes


def _modes(flags: tuple[str, ...], modes: _Modes) -> _Modes:
    short = any(re.fullmatch(r"-[A-Za-z]*e[A-Za-z]*", flag) for flag in flags)
    return replace(
        modes,
        errexit=modes.errexit or short or "errexit" in flags,
        pipefail=modes.pipefail or "pipefail" in flags,
    )


def _hidden_at_the_end(lines: tuple[Line, ...], modes: _Modes) -> str:
    if not lines:
        return f"it runs nothing, so it always passes; {_REMEDY}"
    if piped := _lost_in_a_pipe(lines[-1].pipelines[-1], modes):
        return piped
    counted = lines if modes.errexit else lines[-1:]
    if any(False in _line(line, modes) for line in counted):
        return ""
    return _ending(lines, modes)


def _ending(lines: tuple[Line, ...], modes: _Modes) -> str:
    last = lines[-1]
    final = last.pipelines[-1].commands[-1]
    if last.background:
        return "it ends with &, so the command's status is never seen; remove the &"
    if last.joints and last.joints[-1] == "||":
        return f"{quoted('|| ' + _shown(final))} at the end hides every failure; remove it"
    if len(lines) > 1:
        return f"{quoted(_shown(final))} at the end hides every failure before it; remove it"
    if isinstance(final, Group):
        return _hidden_at_the_end(final.lines, modes)
    return f"{quoted(_shown(final))} never fails; {_REMEDY}"


def _lost_in_a_pipe(pipeline: Pipeline, modes: _Modes) -> str:
    *before, last = pipeline.commands
    if modes.pipefail or not any(False in _command(command, modes) for command in before):
        return ""
    if not isinstance(last, Call) or _name(last) not in _FILTERS:
        return ""
    return (
        f"only the last command's status counts, and {quoted(_shown(last))} passes whatever it is "
        'given; leave out the pipe, or run ["bash", "-o", "pipefail", "-c", "…"]'
    )


def _lost_on_the_way(script: str, lines: tuple[Line, ...], modes: _Modes) -> str:
    if modes.errexit or any(sign in script for sign in _HANDLES_STATUS):
        return ""
    for line in lines[:-1]:
        command = line.pipelines[-1].commands[-1]
        handled = line.background or "||" in line.joints or isinstance(command, Loop)
        if not handled and False in _line(line, modes):
            shown = quoted(_shown(command))
            return f"a failure of {shown} goes unseen: join with && or begin with `set -e`"
    return ""


def _line(line: Line, modes: _Modes) -> Outcomes:
    if line.background:
        return PASSES
    found = _pipeline(line.pipelines[0], modes)
    for joint, pipeline in zip(line.joints, line.pipelines[1:], strict=True):
        goes_on_after = joint == "&&"
        if goes_on_after in found:
            found = (found - {goes_on_after}) | _pipeline(pipeline, modes)
    return found


def _pipeline(pipeline: Pipeline, modes: _Modes) -> Outcomes:
    last = pipeline.commands[-1]
    if len(pipeline.commands) == 1:
        return _command(last, modes)
    if modes.pipefail:
        # One that may fail makes the whole of it able to fail.
        return frozenset().union(*(_command(c, modes) for c in pipeline.commands))
    if isinstance(last, Call) and _name(last) in _FILTERS:
        return PASSES
    return _command(last, modes)


def _command(command: Command, modes: _Modes) -> Outcomes:
    match command:
        case Call():
            return _call(command)
        case Group(lines) if lines:
            seen = [_line(line, modes) for line in lines]
            early = (
                FAILS if modes.errexit and any(False in found for found in seen) else frozenset()
            )
            return seen[-1] | early
        case _:
            return EITHER


def _call(call: Call) -> Outcomes:
    words = _essential(call)
    if not words:
        # Only assignments: they fail with the command substituted in them, if any.
        return EITHER if any("$(" in word or "`" in word for word in call.words) else PASSES
    if words[0] == "!" and len(words) > 1:
        return frozenset(not passes for passes in _call(Call(tuple(words[1:]))))
    name = PurePosixPath(words[0]).name
    if name in _NEVER_FAILS or words == ["wait"]:
        return PASSES
    if name in ("exit", "return") and len(words) > 1 and words[1].isdecimal():
        return PASSES if int(words[1]) % 256 == 0 else FAILS
    if name in _SHELLS and _script(words)[0] is not None and why_it_cannot_fail(words):
        return PASSES
    return FAILS if name == "false" else EITHER


def _essential(call: Call) -> list[str]:
    words = [word.strip("'\"") for word in call.words if not _SETTING.fullmatch(word)]
    while len(words) > 1 and PurePosixPath(words[0]).name in _BEFORE_A_COMMAND:
        words = words[1:]
        while len(words) > 1 and _OPTION.fullmatch(words[0]):
            words = words[1:]
    return words


def _name(call: Call) -> str:
    words = _essential(call)
    return PurePosixPath(words[0]).name if words else ""


def _shown(command: Command) -> str:
    match command:
        case Call():
            return " ".join(_essential(command)) or " ".join(command.words)
        case Group(lines) if lines:
            return _shown(lines[-1].pipelines[-1].commands[-1])
        case _:
            return "the block"
