"""The HTTP server around the app: uvicorn, and a shutdown that everybody is told of."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

HARD_END = 5  # seconds after the drain; only an engine that is stuck in a step takes so long


def make_server(app: Starlette, drain: float) -> uvicorn.Server:
    """Make a server for one of `create_app`'s apps.

    Args:
        app: made by `create_app`.
        drain: seconds that requests under way may go on after a signal.
    """
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(drain) + HARD_END,
    )
    return _Server(config, drain, app.state.abort_all)


class _Server(uvicorn.Server):
    """Aborts what is still under way when the drain is over, so that clients get an answer.

    uvicorn by itself would cancel the tasks, and clients would see a broken connection.
    """

    def __init__(self, config: uvicorn.Config, drain: float, abort_all: Callable[[], None]) -> None:
        super().__init__(config)
        self._drain = drain
        self._abort_all = abort_all

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and wait for those there are."""
        end = asyncio.get_running_loop().call_later(self._drain, self._abort_all)
        try:
            await super().shutdown(sockets)
        finally:
            end.cancel()
