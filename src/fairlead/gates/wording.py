"""How is text of a tool kept so that it can neither steer a terminal, fake a line nor flood us?"""

MOST_LETTERS = 1000


def one_line(text: str, most: int = MOST_LETTERS) -> str:
    """Return text on one line without controls, in at most `most` letters."""
    # Words are only looked for in what can be left of it: the text may be of any length.
    told = text[: 4 * most]
    if not told.isprintable():
        told = "".join(sign if sign.isprintable() else " " for sign in told)
    told = " ".join(told.split())
    is_whole = len(told) <= most and len(text) <= 4 * most
    return told if is_whole else f"{told[: most - 1]}…"


def counted(count: int, one: str, many: str = "") -> str:
    """Return `1 finding`, `2 findings`, `no findings`."""
    return f"1 {one}" if count == 1 else f"{count or 'no'} {many or one + 's'}"
