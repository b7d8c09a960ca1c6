"""Is this bearer token one of ours? Tokens are random; only their digest is kept."""

import hashlib

PREFIX = "fl_"


def digest(token: str) -> str:
    """Return the SHA-256 (hex) under which a token is stored.

    A token holds 256 random bits, so a fast digest without salt is enough (OWASP ASVS 2.9).
    """
    return hashlib.sha256(token.encode()).hexdigest()


def looks_like_token(text: str) -> bool:
    """Tell whether `text` has a token's form, before anything is looked up."""
    return text.startswith(PREFIX) and 20 < len(text) < 200 and text.isascii()
