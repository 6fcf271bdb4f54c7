"""The workloads of the course, by name: what each is fitted to, and what of it is a guess."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from workload.arrivals import Drifting
from workload.lengths import Lengths
from workload.mixtures import lognormal, mixture
from workload.model import Model, load_model
from workload.sessions import Sessions
from workload.trace import WorkloadError


def steady_chat() -> Model:
    """Chat with a slowly drifting rate and no shared prefixes: the Azure conversation trace."""
    return replace(load_model("azure_conv"), name="steady-chat")


def bursty_code() -> Model:
    """Code completion in bursts, long prompts and short outputs: the Azure code trace."""
    return replace(load_model("azure_code"), name="bursty-code")


def chat_sessions() -> Model:
    """Conversations of several turns over long prompts: the Mooncake conversation trace."""
    return replace(load_model("mooncake_conversation"), name="chat-sessions")


def shared_prefix_agents() -> Model:
    """Agents: a few long system prompts that many requests share, short replies, short pauses.

    Known of Mooncake's tool-and-agent trace are 23,608 requests an hour of mean lengths 8,596 and
    182, of whose prompts 59 % can be cached (the paper's Table 2; for its conversation trace it
    says 40 % where we count 37 % of blocks). Four system prompts and their sizes, the turns and the
    spread of lengths are guesses that come near to this.
    """
    chat = load_model("mooncake_conversation")
    assert chat.sessions is not None and isinstance(chat.arrivals, Drifting)
    sessions = Sessions(
        block_tokens=chat.sessions.block_tokens,
        roots=(7, 4, 5, 3),
        root_weights=(0.46, 0.39, 0.145, 0.005),
        first_prompt=lognormal(8_000, 0.85),
        goes_on=(0.25, 0.45, 0.55),
        pauses=lognormal(40, 1.2),
        second=lognormal(400, 1.2),
        later=lognormal(400, 1.2),
        branches=0.0,
        kept=chat.sessions.kept,
        rewritten=chat.sessions.rewritten,
        longest=128_000,
    )
    scale = 23_608 / 3_537 * 60 * len(chat.arrivals.per_minute) / sum(chat.arrivals.per_minute)
    return Model(
        name="shared-prefix-agents",
        source="Table 2 of Qin et al., Mooncake, FAST 2025 (tool and agent); the rest is guessed",
        licence="none needed",
        requests=10_000,
        beyond=max(sessions.roots),
        prompt=chat.prompt,
        output=Lengths(lognormal(182, 1.4)),
        arrivals=Drifting(tuple(rate * scale for rate in chat.arrivals.per_minute)),
        sessions=sessions,
        recorded={},
    )


def long_context_stragglers() -> Model:
    """Chat in which 3 of 100 prompts are as long as a book and 3 of 100 outputs do not end.

    The chat is steady_chat. The stragglers are guessed: prompts around 40,000 tokens (the longest
    tenth of Mooncake's conversations has 27,000 and more), outputs around 3,000.
    """
    chat = load_model("azure_conv")
    prompts = mixture((0.97, chat.prompt.table), (0.03, lognormal(40_000, 0.5)))
    outputs = mixture((0.97, chat.output.table), (0.03, lognormal(3_000, 0.4)))
    return replace(
        chat,
        name="long-context-stragglers",
        source=f"{chat.source}; the stragglers are guessed",
        prompt=Lengths(prompts, chat.prompt.drift),
        output=Lengths(outputs, chat.output.drift),
        recorded={},
    )


def sharegpt_like() -> Model:
    """Chat with the mean lengths that the vLLM paper gives for ShareGPT: 161.31 and 337.99.

    As in vLLM's benchmark scripts of the time, no prompt is above 1,024 tokens and no request above
    2,048; the latter is met nearly, by outputs of at most 1,887.
    """
    return _paper("sharegpt-like", "ShareGPT", (161.31, 1024), (337.99, 1887), 0.9)


def alpaca_like() -> Model:
    """Short instructions with the paper's mean lengths for Alpaca: 19.31 and 58.45."""
    return _paper("alpaca-like", "Alpaca", (19.31, 1024), (58.45, 1887), 0.9)


def _paper(
    name: str, data: str, prompt: tuple[float, int], output: tuple[float, int], sigma: float
) -> Model:
    """Lognormals with the paper's means, cut off at a largest length; it gives no variance."""
    return Model(
        name=name,
        source=f"mean lengths of {data} in Kwon et al., SOSP 2023, Fig. 11; "
        f"lognormal with sigma {sigma} and one arrival a second are guessed",
        licence="none needed",
        requests=2_500,
        beyond=0,
        prompt=Lengths(lognormal(prompt[0], sigma, prompt[1])),
        output=Lengths(lognormal(output[0], sigma, output[1])),
        arrivals=Drifting((60.0,)),
        sessions=None,
        recorded={},
    )


NAMED: dict[str, Callable[[], Model]] = {
    build.__name__.replace("_", "-"): build
    for build in (
        steady_chat,
        bursty_code,
        chat_sessions,
        shared_prefix_agents,
        long_context_stragglers,
        sharegpt_like,
        alpaca_like,
    )
}


def named(name: str) -> Model:
    """Give a workload by its name.

    Raises:
        WorkloadError: there is none of this name.
    """
    if name not in NAMED:
        raise WorkloadError(f"no workload {name!r}; there are: {', '.join(NAMED)}")
    return NAMED[name]()
