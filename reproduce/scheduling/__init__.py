"""The claims on serving: batching, memory under load, preemption, chunks, prefixes, queues.

Requests are served by the reference's scheduler (stage 5) on a virtual clock, so that two runs
differ in what is compared and in nothing else. One module a claim, or a few that belong together.
"""
