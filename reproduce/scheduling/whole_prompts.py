"""Prompts that are never cut: what servers did before chunked prefill. Else the reference."""

from __future__ import annotations

from pagedlab.request import Request
from pagedlab.sched_output import SchedulerOutput
from pagedlab.scheduler import Scheduler


class WholePrompts(Scheduler):
    """Admits a request only to a step whose budget takes all its tokens: Orca's mixed steps.

    A budget of the longest prompt and one token for everybody makes sure that each is admitted.
    """

    def _admit(self, request: Request, budget: int, output: SchedulerOutput) -> int:
        if request.num_tokens > budget:
            return 0
        return super()._admit(request, budget, output)


class PromptsFirst(WholePrompts):
    """Serves running requests only in steps in which no waiting one can be admitted.

    So did vLLM until it cut prompts into chunks, and nano-vllm does; Sarathi-Serve is measured
    against it.
    """

    def schedule(self) -> SchedulerOutput:
        """Plan the next step: prompts alone, or a token for each running request."""
        output = SchedulerOutput(finished_req_ids=self._finished_req_ids)
        self._schedule_waiting(output, self._config.max_num_batched_tokens)
        if output.num_scheduled_tokens:
            self._finished_req_ids = set()
            return output
        waiting, self._waiting = self._waiting, []
        output = super().schedule()
        self._waiting += waiting
        return output
