"""What an engine's step must do: follow one plan, and answer every request in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stage7.engine_books import EngineBooks
from stage7.postconditions import check_pass, check_token
from stage7.state import Plan, read_calls, read_outputs, read_plan

from autograder.program.malformed import Malformed
from autograder.program.model import Violation


def short(output: Any) -> str:
    """An untrusted output in one line."""
    return (
        ", ".join(f"{key}={value}" for key, value in output.items())
        if isinstance(output, dict)
        else f"{output}"
    )


class EngineSteps(EngineBooks):
    """Judges the steps of an engine."""

    def _learn_all(self, shown: list[Any]) -> None:
        """Feed the plain model with all that was said, at once: that is far cheaper."""
        said = {name: list(self._world.tokens[name]) for name in self._live}
        for one in shown:
            outputs = one.get("outputs") if isinstance(one, dict) else None
            for output in outputs if isinstance(outputs, list) else ():
                name = output.get("request_id") if isinstance(output, dict) else None
                tokens = output.get("new_token_ids") if name in said else None
                vocabulary = range(self._limits["vocab_size"])
                if isinstance(tokens, list) and all(
                    type(token) is int and token in vocabulary for token in tokens
                ):
                    said[name] += tokens
        for name, tokens in said.items():
            self._world.plain.learn(name, tokens[: self._limits["max_model_len"]])

    def _stepped(self, shown: Any) -> Iterator[Violation]:
        result: Any = shown if isinstance(shown, dict) else {}
        outputs = read_outputs(result.get("outputs"))
        plans = [read_plan(one) for one in result.get("plans", ())]
        calls = read_calls(result.get("calls"), self._block_size)
        if not self._live and (outputs or calls):
            yield Violation("I10", "nothing to do, nothing done", f"{len(calls)} passes")
        if len(plans) > 1 or (self._live and not plans):
            yield Violation("I1", "one plan a step", f"{len(plans)}")
            return
        for plan in plans:
            named = {*plan.counts, *plan.preempted, *plan.new, *plan.resumed}
            if not named <= set(self._live):
                raise Malformed("plans for unfinished requests", f"{sorted(named)}")
            self._count(plan)
            self._world.apply(plan)
            yield from check_pass(self._world, plan, calls)
            yield from self._answers(plan, outputs)
            if not self._caching:
                self._world.poison(self._live)

    def _answers(self, plan: Plan, outputs: list[Mapping[str, Any]]) -> Iterator[Violation]:
        due = [name for name in plan.counts if self._world.is_complete(name)]
        names = [str(one.get("request_id")) for one in outputs]
        if sorted(names) != sorted(due):
            yield Violation("I10", f"outputs of {sorted(due)}", f"of {sorted(names)}")
        told = dict(zip(names, outputs, strict=True))
        for name in due:
            yield from self._answered(name, told.get(name))

    def _answered(self, name: str, output: Mapping[str, Any] | None) -> Iterator[Violation]:
        """One request that got a token. Where it is not told, the right one is taken for it."""
        live, known = self._live[name], self._world.tokens[name]
        tokens: Any = output["new_token_ids"] if output else []
        if output and len(tokens) != 1:
            yield Violation("I10", f"one token of {name}", f"{tokens}")
        if tokens:
            yield from check_token(self._world, name, tokens[-1])
        if tokens and 0 <= tokens[-1] < self._limits["vocab_size"]:
            token = tokens[-1]
        else:
            token = self._world.plain.draws(name, len(known), self._world.params[name])[0]
        known.append(token)
        self._counters["num_generated_tokens"] += 1
        full = len(known) - live.num_prompt >= live.most
        reason = "stop" if token in live.stop else "length" if full else None
        wanted = self._output(name, tokens, reason)
        if output and output != wanted:
            ends = (output.get("finished"), output.get("finish_reason"))
            rule = "I10" if ends == (reason is not None, reason) else "I11"
            yield Violation(rule, f"the output {short(wanted)}", short(output))
        if reason:
            self._end(name)
