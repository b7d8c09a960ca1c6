"""What may a crowd of callers cost? Bodies that come slowly, and questions that all of them ask."""

import asyncio
import threading
from typing import Any

import pytest
from starlette.types import Message

from fairlead.api import lean
from fairlead.commands.intake import Full


class Slow:
    """Sends the first part of a body, and the rest when it may."""

    def __init__(self, first: int, rest: int) -> None:
        self._parts, self.may_go = [first, rest], asyncio.Event()

    async def __call__(self) -> Message:
        if len(self._parts) == 1:
            await self.may_go.wait()
        body = b"x" * self._parts.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(self._parts)}


def test_no_more_long_bodies_are_read_than_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lean, "MOST_READ_AT_ONCE", 100)

    async def story() -> None:
        bodies, slow = lean.Bodies(80), Slow(60, 20)
        reading = asyncio.create_task(bodies.read(slow))
        await asyncio.sleep(0)
        with pytest.raises(Full):
            await bodies.read(Slow(60, 1))
        slow.may_go.set()
        assert await reading == b"x" * 80
        after = Slow(60, 21)
        after.may_go.set()
        assert await bodies.read(after) is None
        for _ in range(5):
            again = Slow(60, 20)
            again.may_go.set()
            assert await bodies.read(again) == b"x" * 80

    asyncio.run(story())


def test_a_crowd_asks_one_question_once_and_shares_its_error() -> None:
    asked, may_answer = [], threading.Event()

    def question() -> int:
        asked.append(1)
        may_answer.wait(10)
        if len(asked) == 1:
            raise ValueError("away")
        return len(asked)

    async def story() -> None:
        shared = lean.Shared()
        crowd = [asyncio.create_task(shared.ask("who", question)) for _ in range(50)]
        await asyncio.sleep(0)
        crowd.pop().cancel()
        may_answer.set()
        told: list[Any] = await asyncio.gather(*crowd, return_exceptions=True)
        assert {str(error) for error in told} == {"away"}
        assert await shared.ask("who", question) == 2

    asyncio.run(story())
    assert len(asked) == 2
