"""What `rx-ema smooth` does, as the documentation of pandas and polars has it: `cli.py pandas|polars IN OUT HALF_LIFE`."""
import sys

library, source, target, half_life = sys.argv[1:]

if library == "pandas":
    import pandas as pd

    frame = pd.read_csv(source)
    frame["loss"] = frame["loss"].ewm(halflife=float(half_life), ignore_na=True).mean()
    frame.to_csv(target, index=False)
else:
    import polars as pl

    smooth = pl.col("loss").ewm_mean(half_life=float(half_life), ignore_nulls=True)
    pl.read_csv(source).with_columns(smooth).write_csv(target)
