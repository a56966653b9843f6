"""Writes what MLflow itself makes for validate_serving_input: signature and serving input of one example of each kind.

usage: serving_payloads.py PAYLOADS.json
"""

import json
import sys

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import convert_input_example_to_serving_input, infer_signature

TIMES = ["2024-01-02T03:04:05.123", "1969-12-31"]
COLUMNS = {
    "boolean": [True, False],
    "integer": np.array([1, -2147483648], dtype="int32"),
    "short": np.array([1, 2], dtype="int16"),
    "long": np.array([9223372036854775807, -1], dtype="int64"),
    "float": np.array([0.1, 3.4e38], dtype="float32"),
    "float with nothing": np.array([0.1, np.nan], dtype="float32"),
    "double": [0.1, -1e-300],
    "double with nothing": [0.1, np.nan],
    "string": ["a", ""],
    "string with nothing": ["a", None],
    "string with nan": ["a", np.nan],
    "category": pd.Categorical(["a", "b"]),
    "pandas string": pd.array(["a", None], dtype="string"),
    "binary": [b"\x00\xff", b""],
    "datetime": pd.to_datetime(TIMES, format="ISO8601"),
    "datetime with nothing": pd.to_datetime(["2024-01-02", None]),
    "nullable integer": pd.array([1, 2], dtype="Int32"),
    "nullable boolean": pd.array([True, False], dtype="boolean"),
    "nullable double": pd.array([1.5, None], dtype="Float64"),
    "list": [[1, 2], [3]],
    "object": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}],
}


def examples():
    for name, values in COLUMNS.items():
        yield name, pd.DataFrame({name: values})
    yield "all", pd.DataFrame({name: list(values) if name == "category" else values for name, values in COLUMNS.items()})
    yield "dictionary of lists", {"x": [1.5, 2.0], "s": ["a", "b"]}
    yield "dictionary of scalars", {"x": 1.5, "s": "a"}
    yield "list of dictionaries", [{"x": 1.5, "s": "a", "b": True}, {"x": 2.5, "s": "b", "b": False}]
    yield "list of numbers", [1.5, 2.5]
    yield "list of texts", ["a", "b"]
    yield "one number", 1.5
    yield "one text", "a"
    yield "matrix", np.array([[1.5, 2.0], [3.0, 4.0]])
    yield "whole numbers", np.array([1, 2, 3])
    yield "named arrays", {"x": np.array([[1.5], [2.0]]), "n": np.array([[1], [2]], dtype="int32")}
    yield "parameters", (pd.DataFrame({"x": [1.5]}), {"k": 1, "t": "a", "l": [1, 2], "d": 0.5, "f": True})


written = []
for kind, example in examples():
    data, params = example if isinstance(example, tuple) else (example, None)
    signature = infer_signature(data, params=params).to_dict()
    written.append({"kind": kind, "inputs": signature["inputs"], "params": signature["params"], "body": convert_input_example_to_serving_input(example)})
with open(sys.argv[1], "w") as file:
    json.dump(written, file)
print(len(written), "payloads made by mlflow", mlflow.__version__)
