"""Clients that read a stream as far as they like, and what the engine holds meanwhile."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable

from tests.server.web import Web

ENDLESS = 10**9


class Client:
    """A connection that reads a stream as far as it is told to, and no further."""

    def __init__(self, web: Web, **fields: object) -> None:
        self.socket = socket.create_connection(("127.0.0.1", web.port), timeout=60)
        body = json.dumps({"prompt": "x", "max_tokens": ENDLESS, **fields}).encode()
        head = "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json"
        self.socket.sendall(f"{head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        self.file = self.socket.makefile("rb")

    def read_events(self, count: int) -> None:
        while count:
            line = self.file.readline()
            assert line, "the stream has ended"
            count -= line.startswith(b"data: ")

    def leave(self) -> None:
        self.file.close()
        self.socket.close()


def state(web: Web) -> dict[str, object]:
    """Where the engine stands, after all that the server was told before."""
    reply = web.get("/debug/state")
    assert reply.status == 200, reply.body
    body = reply.json
    assert isinstance(body, dict)
    return body


def wait_until(web: Web, holds: Callable[[dict[str, object]], bool]) -> None:
    """Ask again and again; what never comes true fails by the test's timeout."""
    while not holds(state(web)):
        pass


def is_empty(state: dict[str, object]) -> bool:
    return not state["requests"] and state["num_free_blocks"] == state["num_blocks"]
