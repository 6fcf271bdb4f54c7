"""The HTTP server: its paths, and what a wrong request is told."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server.async_engine import AsyncEngine
from server.completion import CompletionResponse
from server.engine_api import Served, Stats
from server.errors import ApiError
from server.guard import Guard
from server.metrics import Metrics
from server.protocol import parse_completion
from server.responses import model_card

logger = logging.getLogger("pagedlab.server")
PAGE = Path(__file__).with_name("page")
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
MOST_BODY_BYTES = 128 * 1024
PATIENCE = 5.0  # seconds that a step under way has to end in, when the server shuts down


def create_app(served: Served, max_requests: int = 256) -> Starlette:
    """Make the ASGI app. It owns the engine from its start-up on.

    Args:
        served: the engine and its model.
        max_requests: most unfinished requests; further ones get status 429.

    Returns:
        The app. `app.state.abort_all` ends all requests, and refuses new ones.
    """
    metrics = Metrics(served.name)
    engine = AsyncEngine(served, metrics, max_requests)
    metrics.watch(lambda: engine.stats)
    paths = _Paths(engine, metrics)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        engine.start()
        yield
        _say_farewell(await engine.stop(PATIENCE))

    app = Starlette(
        routes=[
            Route("/v1/completions", paths.completions, methods=["POST"]),
            Route("/v1/models", paths.models),
            Route("/v1/models/{name:path}", paths.model),
            Route("/health", paths.health),
            Route("/metrics", paths.metrics),
            Route("/debug/state", paths.state),
            *(Route(path, page) for path, page in _pages().items()),
        ],
        middleware=[Middleware(Guard)],
        exception_handlers={
            ApiError: _refuse,
            HTTPException: _refuse,
            ClientDisconnect: _refuse,
            Exception: _refuse,
        },
        lifespan=lifespan,
    )
    app.state.abort_all = engine.abort_all
    return app


class _Paths:
    """What each path answers."""

    def __init__(self, engine: AsyncEngine, metrics: Metrics) -> None:
        self._engine = engine
        self._metrics = metrics
        self._created = int(time.time())

    async def completions(self, http: Request) -> Response:
        request = parse_completion(await _json_body(http))
        if request.model is not None:
            self._check_model(request.model)
        return CompletionResponse(self._engine, request, await self._engine.encode(request))

    async def models(self, http: Request) -> Response:
        return JSONResponse({"object": "list", "data": [self._card()]})

    async def model(self, http: Request) -> Response:
        self._check_model(http.path_params["name"])
        return JSONResponse(self._card())

    async def health(self, http: Request) -> Response:
        self._engine.check()
        return JSONResponse({"status": "ok"})

    async def metrics(self, http: Request) -> Response:
        return Response(self._metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def state(self, http: Request) -> Response:
        return JSONResponse(await self._engine.state())

    def _card(self) -> dict[str, object]:
        served = self._engine.served
        return model_card(served.name, self._created, served.max_model_len)

    def _check_model(self, name: str) -> None:
        if name != self._engine.served.name:
            message = f"There is no model {name!r}; this server has {self._engine.served.name!r}."
            raise ApiError(404, message, "model_not_found", "model")


async def _json_body(http: Request) -> bytes:
    """Give a request's body, if it says that it is JSON and is not too large."""
    if http.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise ApiError(415, "Send the body with Content-Type: application/json.")
    body = b""
    async for part in http.stream():
        body += part
        if len(body) > MOST_BODY_BYTES:
            raise ApiError(413, f"The body is larger than {MOST_BODY_BYTES} bytes.")
    return body


async def _refuse(http: Request, error: Exception) -> Response:
    """Say what is wrong in the form of OpenAI's API."""
    if isinstance(error, HTTPException):
        error = ApiError(
            error.status_code,
            f"{error.detail}: {http.method} {http.url.path}",
            headers=dict(error.headers or {}),
        )
    elif not isinstance(error, ApiError):
        error = ApiError(500, "The server failed; its log says why.")
    return JSONResponse(error.body(), error.status, error.headers)


Endpoint = Callable[[Request], Awaitable[Response]]


def _pages() -> dict[str, Endpoint]:
    """The web page's files, by path. They are read once; nothing else of the disk is served."""
    return {
        "/" if file.name == "index.html" else f"/page/{file.name}": _page(file)
        for file in sorted(PAGE.iterdir())
        if file.suffix in TYPES
    }


def _page(file: Path) -> Endpoint:
    content = file.read_bytes()

    async def endpoint(http: Request) -> Response:
        return Response(content, media_type=TYPES[file.suffix])

    return endpoint


def _say_farewell(stats: Stats | None) -> None:
    """Log how the engine ended: whether everything was given back."""
    if stats is None:
        logger.warning("shut down; the engine had failed, or was stuck in a step")
    elif stats.num_free_blocks == stats.num_blocks:
        logger.info("shut down; all %d blocks are free", stats.num_blocks)
    else:
        held = stats.num_blocks - stats.num_free_blocks
        logger.warning("shut down; %d of %d blocks LEAKED", held, stats.num_blocks)
