"""Is a message told once somebody takes it, however long that lasts, and never for ever?"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fairlead.pipeline.delivering import GIVEN_UP_AFTER, deliver
from fairlead.providers.messages.webhook import Webhooks
from fairlead.providers.secrets.files import SecretFiles
from fairlead.store import outbox
from fairlead.store.outbox import Message
from pipeline.loop import Loop
from webhook_stand import Receiver, free_port

Make = Callable[..., Loop]
MESSAGE = Message("one", "emergency", "pager", "it fails", "danger", {"Release": "abc"})


@dataclass(slots=True)
class Post:
    """A house with a message in its outbox, and a secret that names where it goes."""

    loop: Loop
    secrets: SecretFiles

    def round(self, seconds: float = 1.0) -> None:
        """Let some time pass, and bring what is due."""
        self.loop.clock.pass_by(seconds)
        deliver(self.loop.house, Webhooks(self.secrets))

    def row(self) -> dict[str, Any]:
        with self.loop.house.database.begin() as tx:
            found = tx.execute("SELECT * FROM outbox").fetchone()
        assert found is not None
        return found


@pytest.fixture
def post(loop_of: Make, tmp_path: Path) -> Post:
    loop = loop_of()
    with loop.house.database.begin() as tx:
        assert outbox.add(tx, MESSAGE, loop.clock())
        assert not outbox.add(tx, MESSAGE, loop.clock())
    return Post(loop, SecretFiles(tmp_path / "secrets"))


def test_a_server_that_is_down_then_fails_then_takes_it_gets_it_once(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    post.secrets.put("pager", f"http://127.0.0.1:{port}/T0/B0/hidden")
    with caplog.at_level(logging.WARNING):
        post.round()
        assert post.row()["last_error"].endswith("does not answer (ConnectError)")
        with Receiver(port) as slack:
            slack.answers = [500]
            post.round(1.1)
            assert (post.row()["attempts"], slack.got) == (2, [])
            # It waits twice as long now.
            post.round(1.1)
            assert post.row()["attempts"] == 2
            post.round(1.1)
            post.round(500)
            assert [b"it fails" in got.body for got in slack.got] == [True]
    row = post.row()
    assert (row["attempts"], row["last_error"], row["sent_at"] is not None) == (3, "", True)
    assert len(caplog.records) == 1
    assert "hidden" not in caplog.text


def test_a_message_that_nobody_takes_for_a_day_is_given_up_and_kept(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    post.secrets.put("pager", f"http://127.0.0.1:{free_port()}/T0/B0/hidden")
    post.round()
    caplog.clear()
    with caplog.at_level(logging.ERROR):
        post.loop.clock.now += GIVEN_UP_AFTER
        post.round()
        post.loop.clock.now += timedelta(days=3)
        post.round()
    row = post.row()
    assert (row["attempts"], row["sent_at"]) == (2, None)
    assert row["given_up_at"] is not None
    assert [record.message[:36] for record in caplog.records] == [
        "nobody took the message 'it fails': "
    ]


def test_one_that_nobody_takes_keeps_no_other_waiting(post: Post) -> None:
    with Receiver() as slack:
        post.secrets.put("other", slack.url)
        other = Message("two", "deployments", "other", "it is slow", "warning", {})
        with post.loop.house.database.begin() as tx:
            outbox.add(tx, other, post.loop.clock())
        post.round()
        assert len(slack.got) == 1
