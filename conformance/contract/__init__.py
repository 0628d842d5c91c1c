"""The wire contract as data: envelope, events, operations, permissions, limits, requirement ids.

Nothing here decides who may see what: access algorithms live in the reference server and, written a second
time, in `sync_check.conformance.model` (the judge never shares code with the judged).
"""
