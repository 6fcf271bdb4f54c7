"""A server on a free port of the loopback, and the plainest client."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import uvicorn

from server.app import create_app
from server.engine_api import Served
from server.http_server import make_server


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> Any:
        return self.json["error"]

    @property
    def events(self) -> list[Any]:
        """The data of server-sent events; the last has to be [DONE], and is left out."""
        *events, end, rest = self.body.decode().split("\n\n")
        assert (end, rest) == ("data: [DONE]", "")
        return [json.loads(event.removeprefix("data: ")) for event in events]


def send(
    port: int, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
) -> Reply:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, told, answer.read())
    finally:
        connection.close()


def post_json(url: str, body: bytes) -> Reply:
    parts = urlsplit(url)
    assert parts.hostname == "127.0.0.1" and parts.port is not None
    return send(parts.port, "POST", parts.path, body, {"Content-Type": "application/json"})


@dataclass(frozen=True)
class Web:
    """A running server."""

    port: int
    server: uvicorn.Server
    thread: threading.Thread

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, method: str = "GET", headers: Mapping[str, str] = {}) -> Reply:
        return self.send(method, path, None, headers)

    def complete(self, **fields: object) -> Reply:
        return self.post(json.dumps(fields).encode())

    def post(self, body: bytes, headers: Mapping[str, str] = {}) -> Reply:
        headers = {"Content-Type": "application/json", **headers}
        return self.send("POST", "/v1/completions", body, headers)

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        return send(self.port, method, path, body, headers)

    def stop(self) -> None:
        """As a signal does."""
        self.server.should_exit = True
        self.thread.join(30)
        assert not self.thread.is_alive()


@contextmanager
def serving(served: Served, max_requests: int = 256, drain: float = 1) -> Iterator[Web]:
    """Serve inside the block; at its end the server is shut down in good order."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        server = make_server(create_app(served, max_requests), drain)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        web = Web(listener.getsockname()[1], server, thread)
        try:
            yield web
        finally:
            web.stop()
