"""What are the last lines of an output, safe to show on a terminal or a page?"""

import re
import unicodedata

LINES = 20
BYTES = 4096

ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # control sequences: colours, cursor
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # strings for the terminal: titles, links, clipboard
    r"|\x1b[ -/]*[0-~]"
)
# These turn the direction of text around, so that it reads as something else than it is.
TURNING = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def last_lines(output: bytes) -> str:
    """Return at most the last 20 lines and 4096 bytes (UTF-8), without control characters.

    Of a line that was written over, as progress bars do, only what stood there last is returned.
    """
    text = output.decode("utf-8", "replace").replace("\r\n", "\n")
    lines = [_plain(line) for line in text.rstrip("\n").split("\n")[-LINES:]]
    return "\n".join(lines).encode()[-BYTES:].decode("utf-8", "ignore").strip("\n")


def _plain(line: str) -> str:
    shown = ESCAPES.sub("", line).rstrip("\r").rpartition("\r")[2]
    return "".join(it for it in shown if it == "\t" or not _hidden(it))


def _hidden(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") or letter in TURNING
