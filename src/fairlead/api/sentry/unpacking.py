"""How is a body unpacked that was made small, and that may have been made to fill the memory?"""

import zlib

import brotli

from fairlead.errors import Refused

LARGEST = 2 * 1024 * 1024
KNOWN = ("identity", "gzip", "deflate", "br")


class TooLarge(Refused):
    """It is longer than we take, once it is unpacked."""

    def __init__(self) -> None:
        super().__init__(f"a report may be {LARGEST // 1024} KiB long at most once it is unpacked")


def unpacked(raw: bytes, coding: str) -> bytes:
    """Return a body as it was before it was made small; never more than `LARGEST` is unpacked.

    Errors: `TooLarge`, and `Refused` for an unknown coding and a body that is not of it.
    """
    match coding.strip().lower():
        case "" | "identity":
            whole = raw
        case "gzip" | "x-gzip":
            whole = _zlib(raw, 16 + zlib.MAX_WBITS)
        case "deflate":
            # Some send the bare stream, without the header that RFC 9110 asks for.
            bare = not raw or raw[0] & 0x0F != 8
            whole = _zlib(raw, -zlib.MAX_WBITS if bare else zlib.MAX_WBITS)
        case "br":
            whole = _brotli(raw)
        case _:
            raise Refused(f"content-encoding must be one of {', '.join(KNOWN)}")
    if len(whole) > LARGEST:
        raise TooLarge
    return whole


def _zlib(raw: bytes, bits: int) -> bytes:
    stream = zlib.decompressobj(bits)
    try:
        whole = stream.decompress(raw, LARGEST + 1)
    except zlib.error:
        raise Refused("the body is not of its content-encoding") from None
    if not stream.eof and len(whole) <= LARGEST:
        raise Refused("the body ends in the middle of its content-encoding")
    return whole


def _brotli(raw: bytes) -> bytes:
    stream = brotli.Decompressor()
    whole = bytearray()
    try:
        piece = stream.process(raw, output_buffer_limit=LARGEST + 1)
        while piece and len(whole) + len(piece) <= LARGEST:
            whole += piece
            if stream.is_finished() or stream.can_accept_more_data():
                break
            piece = stream.process(b"", output_buffer_limit=LARGEST + 1)
        else:
            whole += piece
    except brotli.error:
        raise Refused("the body is not of its content-encoding") from None
    if not stream.is_finished() and len(whole) <= LARGEST:
        raise Refused("the body ends in the middle of its content-encoding")
    return bytes(whole)
