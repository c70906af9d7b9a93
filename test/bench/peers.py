"""Times pandas and polars on the columns that peers.ts wrote: `peers.py FOLDER pandas|polars`. Prints JSON.

Each case runs as the library's documentation has it for speed: pandas `Series.ewm`, polars a lazy query. `result` is
the sum of some rows of what came out, which the bench compares with its own.
"""
import json
import sys
import time
from pathlib import Path

import numpy as np

FOLDER = Path(sys.argv[1])
PLAN = json.loads((FOLDER / "plan.json").read_text())


def column(name, dtype):
    return np.fromfile(FOLDER / name, dtype=dtype)


def digest(out, first):
    return float(out.reshape(-1, PLAN["batchRows"])[:, first :: PLAN["stride"]].sum())


def timed(case, first):
    """`case` computes all rows, `first` is the first row of a batch that the digest reads."""
    out = case()  # a first run, to warm up
    runs = []
    for _ in range(PLAN["runs"]):
        start = time.perf_counter_ns()
        out = case()
        runs.append((time.perf_counter_ns() - start) / PLAN["rows"])
    return {"ns": runs, "result": digest(out.to_numpy(), first)}


def of_pandas():
    import pandas as pd

    x = pd.Series(column("x.f64", "<f8"))
    times = pd.Series(column("time.i64", "<i8").view("datetime64[ms]"))
    half_life = pd.Timedelta(milliseconds=PLAN["halfLifeMs"])
    alpha, early, late = PLAN["alpha"], PLAN["early"], PLAN["late"]
    timing = {"halflife": half_life, "times": times}
    yield "raw", timed(lambda: x.ewm(alpha=alpha, adjust=False).mean(), late)
    yield "corrected", timed(lambda: x.ewm(alpha=alpha, adjust=True).mean(), early)
    y = pd.Series(column("y.f64", "<f8"))
    yield "mean", timed(lambda: x.ewm(alpha=alpha).mean(), early)
    yield "var", timed(lambda: x.ewm(alpha=alpha).var(), early)
    yield "std", timed(lambda: x.ewm(alpha=alpha).std(), early)
    yield "cov", timed(lambda: x.ewm(alpha=alpha).cov(y), early)
    yield "corr", timed(lambda: x.ewm(alpha=alpha).corr(y), early)
    yield "sample", timed(lambda: x.ewm(**timing, adjust=True).mean(), early)
    yield "next", timed(lambda: x.ewm(**timing, adjust=False).mean(), early)


def of_polars():
    import polars as pl

    frame = pl.DataFrame(
        {
            "x": column("x.f64", "<f8"),
            "there": column("there.u8", "u1"),
            "time": pl.Series(column("time.i64", "<i8")).cast(pl.Datetime("ms")),
        }
    ).with_columns(gappy=pl.when(pl.col("there") == 1).then("x"))
    x, gappy = pl.col("x"), pl.col("gappy")
    alpha, early, late = PLAN["alpha"], PLAN["early"], PLAN["late"]

    def query(expression, of=frame):
        return lambda: of.lazy().select(expression).collect().to_series()

    yield "raw", timed(query(x.ewm_mean(alpha=alpha, adjust=False)), late)
    yield "corrected", timed(query(x.ewm_mean(alpha=alpha, adjust=True)), early)
    yield "mean", timed(query(x.ewm_mean(alpha=alpha)), early)
    yield "var", timed(query(x.ewm_var(alpha=alpha)), early)
    yield "std", timed(query(x.ewm_std(alpha=alpha)), early)
    yield "rawNulls", timed(query(gappy.ewm_mean(alpha=alpha, adjust=False, ignore_nulls=True)), late)
    yield "correctedNulls", timed(query(gappy.ewm_mean(alpha=alpha, adjust=True, ignore_nulls=True)), early)
    yield "next", timed(query(x.ewm_mean_by("time", half_life=f"{PLAN['halfLifeMs']}ms")), early)
    for keys in PLAN["keys"]:
        codes = pl.Series(column(f"keys-{keys}.i32", "<u4"))
        names = pl.Enum([f"key-{i}" for i in range(keys)])
        keyed = frame.select("x").with_columns(key=codes.cat.to(names))
        each = x.ewm_mean(alpha=PLAN["keyedAlpha"], adjust=True)
        yield f"keyed{keys}", timed(query(each.over("key"), keyed), early)


print(json.dumps(dict(of_pandas() if sys.argv[2] == "pandas" else of_polars())))
