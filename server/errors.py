"""What a client is told when a request cannot be served, in the form of OpenAI's API."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class ApiError(Exception):
    """A request that is not served, and why.

    Attributes:
        status: HTTP status: 400 a wrong request, 404 no such model or path, 413 too large, 415 no
            JSON, 422 a prompt that the tokenizer cannot express, 429 too many requests, 500 the
            engine failed, 503 no engine.
        message: one clear sentence for the client.
        code: a word for programs, or None.
        param: the field of the request that is at fault, or None.
        headers: to be sent along.
    """

    status: int
    message: str
    code: str | None = None
    param: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message

    def body(self) -> dict[str, object]:
        """The JSON that the client gets."""
        error = {
            "message": self.message,
            "type": _kind(self.status),
            "param": self.param,
            "code": self.code,
        }
        return {"error": error}


def _kind(status: int) -> str:
    if status == 429:
        return "rate_limit_error"
    return "invalid_request_error" if status < 500 else "server_error"


def one_line(error: BaseException) -> str:
    """An exception's kind and text."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
