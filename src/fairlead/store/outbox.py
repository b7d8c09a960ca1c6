"""Messages that are to be told, kept with what they tell about, until somebody has taken them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.types.json import Jsonb

from fairlead.store.database import Tx, many


@dataclass(frozen=True, slots=True)
class Message:
    """What is told to a channel, once for each `effect`. `secret` holds the channel's address.

    `color` is good, warning or danger; `fields` are short facts by their title.
    """

    effect: str
    channel: str
    secret: str
    text: str
    color: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Due:
    """A message that should go out now, and how often that was tried."""

    message: Message
    at: datetime
    attempts: int


def add(tx: Tx, message: Message, now: datetime) -> bool:
    """Keep a message; False when its effect is told or kept already."""
    cursor = tx.execute(
        "INSERT INTO outbox (effect, at, channel, secret, subject, body, due_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (
            message.effect,
            now,
            message.channel,
            message.secret,
            message.text,
            Jsonb({"color": message.color, "fields": dict(message.fields)}),
            now,
        ),
    )
    return cursor.rowcount == 1


def due(tx: Tx, now: datetime, most: int) -> list[Due]:
    """Return messages that should go out now, those first that wait the longest."""
    rows = many(
        tx,
        "SELECT effect, channel, secret, subject, body, at, attempts FROM outbox "
        "WHERE sent_at IS NULL AND given_up_at IS NULL AND due_at <= %s ORDER BY due_at LIMIT %s",
        now,
        most,
    )
    return [
        Due(
            Message(row["effect"], row["channel"], row["secret"], row["subject"], **row["body"]),
            row["at"],
            row["attempts"],
        )
        for row in rows
    ]


def sent(tx: Tx, effect: str, now: datetime) -> None:
    """Say that somebody has taken a message."""
    tx.execute(
        "UPDATE outbox SET sent_at = %s, attempts = attempts + 1, last_error = '' "
        "WHERE effect = %s",
        (now, effect),
    )


def failed(tx: Tx, effect: str, because: str, again_in: timedelta, now: datetime) -> None:
    """Say that nobody took a message, and when it is tried again."""
    tx.execute(
        "UPDATE outbox SET attempts = attempts + 1, last_error = %s, due_at = %s WHERE effect = %s",
        (because, now + again_in, effect),
    )


def given_up(tx: Tx, effect: str, because: str, now: datetime) -> None:
    """Say that a message is too old to matter; it stays to be read."""
    tx.execute(
        "UPDATE outbox SET attempts = attempts + 1, last_error = %s, given_up_at = %s "
        "WHERE effect = %s",
        (because, now, effect),
    )
