"""A headless Chromium, driven over a pipe by its own protocol: no package is needed for it."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
PROGRAM = next((path for name in NAMES if (path := shutil.which(name))), None)


class Page:
    """One tab. Messages end with a zero byte; answers have the number of their command."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._out = os.fdopen(to_browser, "wb", buffering=0)
        self._in = os.fdopen(from_browser, "rb")
        self._numbers = itertools.count(1)
        self._session: dict[str, str] = {}
        self.problems: list[str] = []
        """What the console told of errors, broken rules of the CSP, and failed requests."""
        self.requests: list[str] = []
        """Every address that the page asked for."""
        self._rest = b""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = {"sessionId": session["sessionId"]}
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: object) -> Any:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params, **self._session}
        self._out.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]
            self._note(answer)

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)

    def run(self, script: str) -> Any:
        """Give the value of an expression; a promise is waited for."""
        result = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def wait_for(self, condition: str) -> None:
        """Ask at every frame; what never comes true fails by the test's timeout."""
        self.run(
            "new Promise((done) => { const ask = () => "
            f"({condition}) ? done() : setTimeout(ask, 20); ask(); }})"
        )

    def click(self, selector: str) -> None:
        """As a person does: a real event at the middle of what is seen there."""
        place = self.run(
            f"(() => {{ const e = document.querySelector({selector!r}); e.scrollIntoView();"
            "const box = e.getBoundingClientRect();"
            "return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        at = {"x": place[0], "y": place[1], "button": "left", "clickCount": 1}
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, **at)

    def type(self, selector: str, text: str) -> None:
        self.click(selector)
        self.run(f"document.querySelector({selector!r}).select()")
        self.call("Input.insertText", text=text)

    def screenshot(self) -> str:
        """A PNG, in base64."""
        picture = self.call("Page.captureScreenshot")["data"]
        assert isinstance(picture, str)
        return picture

    def _read(self) -> Any:
        while b"\0" not in self._rest:
            data = os.read(self._in.fileno(), 1 << 16)
            assert data, "the browser has ended"
            self._rest += data
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def _note(self, event: Any) -> None:
        params = event.get("params", {})
        if event.get("method") == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        if event.get("method") == "Runtime.exceptionThrown":
            self.problems.append(json.dumps(params["exceptionDetails"]))
        if event.get("method") == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.problems.append(f"{params['entry']['text']} {params['entry'].get('url')}")


@contextmanager
def browser(width: int = 1400, height: int = 1000) -> Iterator[Page]:
    """Start Chromium with a profile of its own, and end it."""
    assert PROGRAM is not None
    their_in, to_browser = os.pipe()
    from_browser, their_out = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        flags = [
            *("--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"),
            *("--no-first-run", "--disable-background-networking", "--disable-extensions"),
            *(f"--user-data-dir={profile}", f"--window-size={width},{height}", "about:blank"),
        ]
        # The browser reads commands from descriptor 3, and answers on descriptor 4.
        shell = f'exec "$0" "$@" 3<&{their_in} 4>&{their_out}'
        log = Path(profile, "log").open("wb")
        process = subprocess.Popen(
            ["bash", "-c", shell, PROGRAM, *flags],
            pass_fds=(their_in, their_out),
            stdout=log,
            stderr=log,
        )
        os.close(their_in)
        os.close(their_out)
        try:
            page = Page(to_browser, from_browser)
            yield page
            page.call("Browser.close")
        finally:
            log.close()
            process.terminate()
            process.wait(20)
