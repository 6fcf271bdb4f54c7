"""Answers a completion, whole or as a stream, and notices when the client has gone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from server.async_engine import AsyncEngine
from server.errors import ApiError
from server.protocol import CompletionRequest
from server.responses import DONE, Answer, Whole, event
from server.sequence import Delta

Deltas = AsyncIterator[tuple[int, Delta]]


class CompletionResponse(Response):
    """Generates while it is being sent. If the client goes away, the request is aborted."""

    def __init__(
        self, engine: AsyncEngine, request: CompletionRequest, prompts: list[list[int]]
    ) -> None:
        super().__init__()
        self._engine = engine
        self._request = request
        self._prompts = prompts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer.

        Raises:
            ApiError: nothing has been sent yet, and the client is to be told this.
        """
        await _while_connected(receive, self._answer(scope, receive, send))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._engine.generate(self._request, self._prompts) as (request_id, deltas):
            answer = Answer(request_id, int(time.time()), self._engine.served.name)
            if self._request.stream:
                await _send_stream(send, self._events(answer, deltas))
                return
            wholes = [Whole() for _ in self._prompts]
            async for index, delta in _served(deltas):
                wholes[index].add(delta)
        await JSONResponse(answer.whole(wholes))(scope, receive, send)

    async def _events(self, answer: Answer, deltas: Deltas) -> AsyncIterator[bytes]:
        wholes = [Whole() for _ in self._prompts]
        try:
            async for index, delta in _served(deltas):
                wholes[index].add(delta)
                # A token that shows nothing yet is no event, unless something ends with it.
                if delta.text or delta.finish_reason:
                    yield event(answer.chunk(index, delta, self._request.include_usage))
            if self._request.include_usage:
                yield event(answer.usage_chunk(wholes))
        except ApiError as error:  # the status is sent already
            yield event(error.body())
        yield DONE


async def _served(deltas: Deltas) -> Deltas:
    """Pass deltas on; a request that was aborted under its client ends with an error."""
    async for index, delta in deltas:
        if delta.finish_reason == "abort":
            raise ApiError(503, "The server is shutting down.", "shutting_down")
        yield index, delta


async def _send_stream(send: Send, events: AsyncIterator[bytes]) -> None:
    headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    async for data in events:
        await send({"type": "http.response.body", "body": data, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _while_connected(receive: Receive, work: Coroutine[object, object, None]) -> None:
    """Do some work; give it up, and return, if the client goes away."""
    working = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_disconnected(receive))
    try:
        await asyncio.wait({working, gone}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
    finally:
        # Both have ended when this returns, so that nothing is sent for, or held by, a dead client.
        for task in (working, gone):
            task.cancel()
        await asyncio.gather(working, gone, return_exceptions=True)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
