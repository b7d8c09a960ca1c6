"""How do messages get out? Each is tried until somebody takes it, or it is too old to matter."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from fairlead.errors import FairleadError
from fairlead.pipeline.house import House
from fairlead.store import outbox
from fairlead.store.outbox import Due

log = logging.getLogger("fairlead.messages")

AT_ONCE = 20
# Tried again after 1, 2, 4 … seconds, at last every five minutes.
LONGEST_WAIT_S = 300.0
GIVEN_UP_AFTER = timedelta(hours=24)


class Messenger(Protocol):
    """Brings a message to the address that a secret holds.

    Errors: `Temporary` when nobody took it; its sentence holds no secret.
    """

    def post(self, secret: str, text: str, color: str, fields: Mapping[str, str]) -> None:
        """Bring one message; bringing it twice is told twice."""
        ...


def deliver(house: House, messenger: Messenger) -> None:
    """Bring what is due; a message that nobody takes keeps none of the others waiting long."""
    with house.database.begin() as tx:
        waiting = outbox.due(tx, house.clock(), AT_ONCE)
    for due in waiting:
        _bring(house, messenger, due)


def _bring(house: House, messenger: Messenger, due: Due) -> None:
    message, because = due.message, ""
    try:
        messenger.post(message.secret, message.text, message.color, message.fields)
    except FairleadError as error:
        because = str(error)
    now = house.clock()
    with house.database.begin() as tx:
        if not because:
            outbox.sent(tx, message.effect, now)
        elif now - due.at >= GIVEN_UP_AFTER:
            log.error("nobody took the message %r: %s; given up", message.text, because)
            outbox.given_up(tx, message.effect, because, now)
        else:
            if due.attempts == 0:
                told = "nobody takes messages for %s: %s; tried again for a day"
                log.warning(told, message.channel, because)
            wait_s = min(LONGEST_WAIT_S, 2.0**due.attempts)
            outbox.failed(tx, message.effect, because, timedelta(seconds=wait_s), now)
