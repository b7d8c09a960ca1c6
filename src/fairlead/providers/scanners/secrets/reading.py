"""How is a file read whatever it holds: in windows that overlap, without ever following a link?"""

import codecs
import errno
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

WINDOW_BYTES, OVERLAP_BYTES, LEAD_BYTES = 4 * 1024 * 1024, 64 * 1024, 1024
BINARY_BYTES = 8000
_LATER = bytes(range(0x80, 0xC0))  # in UTF-8, the bytes of a character behind its first


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a text. What begins at `first` to `last` (bytes) is looked for in this one."""

    text: bytes
    first: int
    last: int


class Cursor:
    """Tells lines and columns, from 1, in characters, for places that only go forwards."""

    def __init__(self) -> None:
        self.line, self.column = 1, 1

    def past(self, text: bytes) -> None:
        """Go past this text."""
        head, newline, tail = text.rpartition(b"\n")
        if newline:
            self.line += head.count(b"\n") + 1
            self.column = 1
        self.column += len(tail.translate(None, _LATER))


def opened(folder: Path, path: bytes) -> BinaryIO | None:
    """Open a file of `folder`; None when it is none, or a link stands on the way to it.

    Errors: OSError when it is there and cannot be read.
    """
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        *parents, name = path.split(b"/")
        for parent in parents:
            inner = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = inner
        if not stat.S_ISREG(os.stat(name, dir_fd=at, follow_symlinks=False).st_mode):
            return None
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
        return os.fdopen(file, "rb", buffering=0)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            return None
        raise
    finally:
        os.close(at)


def windows(chunks: Iterable[bytes]) -> Iterator[Window]:
    """Yield a text in parts; none of what is binary: a NUL in its first 8 kB."""
    buffer, lead = bytearray(), 0
    for chunk in _text(iter(chunks)):
        buffer += chunk
        while len(buffer) >= WINDOW_BYTES + OVERLAP_BYTES:
            text = bytes(buffer[: WINDOW_BYTES + OVERLAP_BYTES])
            yield Window(text, lead, WINDOW_BYTES)
            del buffer[: WINDOW_BYTES - LEAD_BYTES]
            lead = LEAD_BYTES
    if buffer:
        yield Window(bytes(buffer), lead, len(buffer))


def _text(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield UTF-8, or nothing when it is binary; every chunk is taken all the same."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= BINARY_BYTES:
            break
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        decoder = codecs.getincrementaldecoder("utf-16")("replace")
        yield decoder.decode(head).encode("utf-8", "replace")
        for chunk in chunks:
            yield decoder.decode(chunk).encode("utf-8", "replace")
    elif b"\0" in head[:BINARY_BYTES]:
        for _ in chunks:
            pass
    else:
        yield head
        yield from chunks
