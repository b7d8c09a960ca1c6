"""Does the reader of YAML stop at what YAML can do to it?"""

from collections.abc import Callable

import pytest

from fairlead.release.spec.document import MOST_VALUES, document

Told = Callable[[str], tuple[str, ...]]
ToldAfter = Callable[[str, str], tuple[str, ...]]

UNREADABLE = {
    "nothing": ("", 1, "the file is empty; it needs version, app, components and more"),
    "only a comment": ("# soon\n", 1, "the file is empty"),
    "a list": ("- a\n", 1, 'keys and values are needed, such as `version: 1`, not ["a"]'),
    "a word": ("fairlead", 1, 'keys and values are needed, such as `version: 1`, not "fairlead"'),
    "a tab": ("a:\n\tb: 1\n", 2, "a tab stands where YAML allows only spaces; use spaces"),
    "an open bracket": ("a: 1\nb: [1,\n", 3, "not YAML: expected the node content"),
    "two colons": ("a: 1\nb: c: d\n", 2, "not YAML: mapping values are not allowed here"),
    "an undeclared alias": ("a: 1\nb: *c\n", 2, "not YAML: found undefined alias 'c'"),
    "two documents": ("a: 1\n---\nb: 1\n", 2, "not YAML: but found another document"),
    "a NUL": ("a: \0\n", 1, "the file holds characters that YAML does not allow"),
    "half a surrogate": ("a: \ud800\n", 1, "the file holds characters that YAML does not allow"),
    "no such character": ('a: "\\U99999999"\n', 1, "the file holds characters that YAML"),
    "too large": ("#" * 262145, 1, "the file is larger than 256 KiB"),
    "too many values": ("a: [" + "1," * MOST_VALUES + "]", 1, "it holds more than 5000 values"),
    "too deep": ("[" * 50, 1, "it is nested deeper than 16 levels"),
    "itself within itself": ("a: &a [*a]\n", 1, "it is nested deeper than 16 levels"),
}


@pytest.mark.parametrize(("text", "line", "sentence"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_text_that_is_no_file_of_ours_is_refused_with_its_line(
    told: Told, text: str, line: int, sentence: str
) -> None:
    (problem,) = told(text)
    assert problem.startswith(f"fairlead.yaml:{line}: {sentence}")


def test_aliases_of_aliases_cannot_fill_the_memory(told: Told) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefghij", "bcdefghijk", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]")
    assert told("\n".join(lines)) == (
        "fairlead.yaml:1: it holds more than 5000 values, aliases counted each time",
    )


def test_an_alias_stands_for_what_it_names(sound: str, told: Told) -> None:
    text = sound.replace("hold: 1m", "hold: &time 1m").replace("window: 30s", "window: *time")
    assert told(text) == ()
    assert told(text.replace("&time 1m", "&time 1x"))[0].startswith(
        "fairlead.yaml:23: environments.live.hold: a duration"
    )


def test_a_key_written_twice_is_refused_with_both_lines(told_after: ToldAfter) -> None:
    assert told_after("app: shop\n", "app: shop\napp: shop\n") == (
        "fairlead.yaml:3: app: written twice, first on line 2; keep one",
    )


UNCLEAR = {
    "nothing behind a key": ("hold:", "nothing is written here; write a value"),
    "a tilde": ("hold: ~", "nothing is written here; write a value"),
    "a tag": ("hold: !minutes 5", 'the tag "!minutes" is not known here; remove it'),
    "a false tag": ("hold: !!bool 5", "the tag"),
    "a hexadecimal number": ("hold: 0x10", 'write the number "0x10" with plain digits'),
    "no number": ("hold: .nan", 'write the number ".nan" with plain digits'),
    "digits without end": ("hold: " + "9" * 5000, 'write the number "9999'),
    "a NUL behind quotes": ('hold: "\\0"', "the text holds a character that cannot be stored"),
    "a surrogate behind quotes": ('hold: "\\ud800"', "the text holds a character that cannot"),
}


@pytest.mark.parametrize(("written", "sentence"), UNCLEAR.values(), ids=UNCLEAR.keys())
def test_what_could_be_read_in_two_ways_is_refused(
    told_after: ToldAfter, written: str, sentence: str
) -> None:
    (problem,) = told_after("hold: 1m", written)
    assert problem.startswith(f"fairlead.yaml:23: environments.live.hold: {sentence}")


@pytest.mark.parametrize("key", ["8080", "true", "[a, b]", "{a: b}"])
def test_a_key_that_is_not_text_is_refused(told: Told, sound: str, key: str) -> None:
    (problem,) = told(f"{sound}{key}: 1\n")
    assert problem.startswith("fairlead.yaml:45: a key must be text, not ")
    assert problem.endswith("; put quotes around")


def test_a_merge_key_is_a_key_like_any_other(told: Told, sound: str) -> None:
    (problem,) = told(f"{sound}<<: {{a: b}}\n")
    assert problem.startswith('fairlead.yaml:45: "<<": unknown key')


def test_every_value_knows_its_line(sound: str) -> None:
    lines = document(sound).lines
    assert lines["app",] == 2
    assert lines["environments", "live", "judgement"] == 25
    assert lines["environments", "live", "steps", 2] == 22
    assert lines["pipeline", 6, "monitor"] == 44


def test_yes_and_dates_are_plain_text() -> None:
    assert document("a: yes\nb: 2026-01-05\nc: 1:30\n").tree == {
        "a": "yes",
        "b": "2026-01-05",
        "c": "1:30",
    }
