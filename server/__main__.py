"""`python -m server`: serves the language model on this machine with a submission's engine."""

from __future__ import annotations

import argparse
import contextlib
import logging
import signal
import socket
import sys
from pathlib import Path

from server.app import create_app
from server.http_server import make_server
from server.load import load_served
from server.submission import NotServable

HOSTS = ("127.0.0.1", "localhost", "::1")
USAGE, NOT_SERVABLE = 2, 4
DRAIN = 5  # seconds that requests under way may go on after Ctrl-C
EXAMPLE = """curl {url}/v1/completions -H 'Content-Type: application/json' \\
     -d '{{"prompt": "JULIET.\\nO", "max_tokens": 60, "temperature": 0.7}}'"""


def main(argv: list[str]) -> int:
    """Serve until a signal comes.

    Returns:
        0 after Ctrl-C or SIGTERM; 2 what was asked for cannot be done; 4 the submission cannot
        serve (one line says why).
    """
    options = _parser().parse_args(argv)
    try:
        listener = _listen(options.host, options.port)
    except OSError as error:
        return _refuse(USAGE, f"port {options.port} of {options.host}: {error.strerror or error}")
    with listener:
        try:
            served = load_served(options.submission, _engine_config(options))
            listener.listen()  # before the greeting, so that nobody who reads it comes too early
        except NotServable as error:
            return _refuse(NOT_SERVABLE, str(error))
        except OSError as error:
            return _refuse(USAGE, f"port {options.port}: {error.strerror or error}")
        logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
        server = make_server(create_app(served, options.max_requests), DRAIN)
        _greet(options.host, listener.getsockname()[1], options.submission)
        # When all is shut down, uvicorn raises the signal again that it was ended with.
        signal.signal(signal.SIGTERM, lambda number, frame: None)
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listener])
    return 0


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def _greet(host: str, port: int, submission: Path) -> None:
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    print(f"Serving with the engine of {submission} at {url} (open it in a browser)\n")
    print(EXAMPLE.format(url=url))
    print("\nEnd with Ctrl-C.", flush=True)


def _engine_config(options: argparse.Namespace) -> dict[str, object]:
    return {
        "block_size": options.block_size,
        "num_blocks": options.num_blocks + 1,  # and the null block
        "num_host_blocks": options.num_host_blocks,
        "max_num_batched_tokens": options.max_num_batched_tokens,
        "max_num_seqs": options.max_num_seqs,
        "max_model_len": options.max_model_len,
        "preemption_mode": options.preemption_mode,
        "policy": options.policy,
        "enable_prefix_caching": not options.no_prefix_caching,
        "attention_backend": options.attention_backend,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m server",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("submission", type=Path, help="folder with pagedlab/; its code runs in this process")
    add("--host", choices=HOSTS, default=HOSTS[0], help="the loopback: nobody else can connect")
    add("--port", type=_port, default=8000, help="0 takes any free port")
    add(
        "--max-requests", type=_count, default=256, help="most unfinished requests; then status 429"
    )
    engine = parser.add_argument_group("the engine", "fields of EngineConfig").add_argument
    engine("--block-size", type=int, default=16, help="tokens a block")
    engine("--num-blocks", type=int, default=256, help="blocks that requests can hold")
    engine("--num-host-blocks", type=int, default=0, help="blocks of the swap space")
    engine("--max-num-batched-tokens", type=int, default=512, help="token budget of a step")
    engine("--max-num-seqs", type=int, default=32, help="most requests in the batch")
    engine("--max-model-len", type=int, default=None, help="most tokens of a request")
    engine("--preemption-mode", choices=("recompute", "swap"), default="recompute")
    engine("--policy", choices=("fcfs", "priority", "fair", "sla", "own"), default="fcfs")
    engine("--attention-backend", choices=("torch", "triton"), default="torch")
    engine("--no-prefix-caching", action="store_true", help="cache no blocks for later requests")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port < 65536:
        raise ValueError(text)
    return port


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise ValueError(text)
    return count


def _refuse(code: int, text: str) -> int:
    print(f"server: {' '.join(text.split())}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
