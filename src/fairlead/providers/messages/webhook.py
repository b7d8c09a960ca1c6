"""How does a message reach Slack, or whatever takes the same JSON? Its address is a secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from fairlead.errors import FairleadError, Temporary
from fairlead.providers.messages.address import Secrets

TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Posts messages to the addresses that secrets hold. No error ever names an address."""

    secrets: Secrets

    def post(self, secret: str, text: str, color: str, fields: Mapping[str, str]) -> None:
        """Post a message; whoever is there may get it twice when the answer is lost.

        Errors: `Temporary` when nobody took it.
        """
        try:
            url = self.secrets.file(secret).read_text("utf-8").strip()
        except (FairleadError, OSError, ValueError) as error:
            raise Temporary(f"the secret {secret} cannot be read: {error}") from error
        try:
            answer = httpx.post(url, json=_body(text, color, fields), timeout=TIMEOUT_S)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            # The error's own words may hold the address.
            told = f"the address in the secret {secret} does not answer ({type(error).__name__})"
            raise Temporary(told) from None
        if not answer.is_success:
            raise Temporary(f"the address in the secret {secret} answered {answer.status_code}")


def _body(text: str, color: str, fields: Mapping[str, str]) -> dict[str, Any]:
    shown = [
        {"title": _plain(title), "value": _plain(value), "short": len(value) < 30}
        for title, value in fields.items()
    ]
    return {"text": _plain(text), "attachments": [{"color": color, "fields": shown}]}


def _plain(text: str) -> str:
    """Return text that Slack shows as it is: no mention, no link (Slack, formatting text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
