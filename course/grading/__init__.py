"""Grading: a submission travels read -> rebuild -> run -> judge -> record, one module a step.

`pipeline.grade` takes one submission from `rebuild` to `judge`, and `batch.grade` a whole class, with a pool of workers
and one recorder.
"""
