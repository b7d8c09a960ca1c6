"""How is a message of OTLP refused? With a `Status` of one sentence, in the sender's own form."""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Status:
    """A google.rpc.Status of which only the message is told, as OTLP/HTTP asks for."""

    sentence: str

    def as_json(self) -> bytes:
        """Return it as OTLP's JSON."""
        return json.dumps({"message": self.sentence}, ensure_ascii=False).encode("utf-8", "replace")

    def as_protobuf(self) -> bytes:
        """Return it as protobuf: field 2, a text. Its length is a varint."""
        text = self.sentence.encode("utf-8", "replace")
        length, varint = len(text), bytearray()
        while length > 0x7F:
            varint.append(length & 0x7F | 0x80)
            length >>= 7
        return bytes([2 << 3 | 2, *varint, length]) + text
