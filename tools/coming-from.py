"""Runs the left columns of docs/coming-from.md with pandas and polars and compares them with what the tables say.

pip install pandas==3.1.1 polars==2.1.0, then `python3 tools/coming-from.py`. The tests run the right columns.
"""

import re
from pathlib import Path

import polars as pl

TEXT = (Path(__file__).parents[1] / "docs/coming-from.md").read_text()
ROW = re.compile(r"^\| `([^`]+)` \| `[^`]+` \| ([-\d.· ]+) \|$", re.M)


def shown(result) -> str:
    if isinstance(result, pl.DataFrame):
        result = result.to_series()
    values = result.to_list()
    return " ".join("·" if v is None or v != v else f"{v + 0:.4f}".rstrip("0").rstrip(".") for v in values)


count = wrong = 0
for section in TEXT.split("\n## "):
    names: dict = {}
    for code in re.findall(r"^```py\n(.*?)^```$", section, re.M | re.S):
        exec(code, names)
    for code, said in ROW.findall(section):
        count += 1
        got = shown(eval(code, names))
        if got != said:
            wrong += 1
            print(f"{code}\n  gives {got}\n  not   {said}")
print(f"{count - wrong} of {count} rows agree")
raise SystemExit(wrong > 0 or count == 0)
