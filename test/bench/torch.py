"""Times torch's `_foreach_lerp_` on one thread: `torch.py PLAN`. Prints JSON.

As in weights.ts: averages begin at 4, every update brings 1 at decay 0.99; `result` is the last average relative to what it
should be, 1 if it is right.
"""
import json
import sys
import time

sys.path.pop(0)  # this file is named like the library it imports
import torch

torch.set_num_threads(1)
PLAN = json.loads(sys.argv[1])
START, END, DECAY = 4.0, 1.0, 0.99


def timed(elements, tensors, turns):
    shadow = [torch.full((elements // tensors,), START) for _ in range(tensors)]
    weights = [torch.full((elements // tensors,), END) for _ in range(tensors)]
    updates, runs = 0, []
    for run in range(PLAN["runs"] + 1):
        start = time.perf_counter_ns()
        for _ in range(turns):
            torch._foreach_lerp_(shadow, weights, 1 - DECAY)
        took = (time.perf_counter_ns() - start) / turns / elements
        updates += turns
        if run > 0:  # the first warms up
            runs.append(took)
    right = END + (START - END) * DECAY**updates
    return {"ns": runs, "result": shadow[-1][0].item() / right}


print(json.dumps({m["name"]: timed(m["elements"], m["tensors"], m["turns"]) for m in PLAN["maps"]}))
