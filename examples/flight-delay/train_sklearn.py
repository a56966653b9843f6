"""Trains a scikit-learn pipeline for Perennial and writes it as ONNX.

Use it in a lifecycle file:   train: {command: [python3, train_sklearn.py], seed: 1}
It needs:                     pip install scikit-learn skl2onnx pandas pyarrow

Perennial sets PERENNIAL_SNAPSHOT (a folder with snapshot.json and the rows that may be learnt from), PERENNIAL_OUTPUT (a folder for the
model) and PERENNIAL_SEED. It loads the model afterwards and adds to the manifest what it knows itself.
"""
import json
import os
import pathlib

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one thread: the same rows and seed give the same model

import pandas as pd
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def main():
    snapshot = pathlib.Path(os.environ["PERENNIAL_SNAPSHOT"])
    output = pathlib.Path(os.environ["PERENNIAL_OUTPUT"])
    about = json.loads((snapshot / "snapshot.json").read_text())
    rows = pd.read_parquet(snapshot / about["rows"])
    columns = {feature["name"]: feature["type"] for feature in about["features"]}
    categories = [name for name, kind in columns.items() if kind == "category"]
    numbers = [name for name, kind in columns.items() if kind == "number"]
    inputs = rows[list(columns)].copy()
    inputs[categories] = inputs[categories].fillna("")  # Perennial sends a missing text as the empty text
    inputs[numbers] = inputs[numbers].astype("float32")  # and a missing number as NaN

    scaled = Pipeline([("fill", SimpleImputer(strategy="median")), ("scale", StandardScaler())])
    pipeline = Pipeline([
        ("encode", ColumnTransformer([("categories", OneHotEncoder(handle_unknown="ignore"), categories), ("numbers", scaled, numbers)])),
        ("line", LogisticRegression(max_iter=500, random_state=int(os.environ["PERENNIAL_SEED"]))),
    ]).fit(inputs, rows[about["label"]].astype(int))
    print(f"{len(rows)} rows, accuracy on them {pipeline.score(inputs, rows[about['label']].astype(int)):.3f}")

    types = [(name, StringTensorType([None, 1]) if kind == "category" else FloatTensorType([None, 1])) for name, kind in columns.items()]
    model = to_onnx(pipeline, initial_types=types, options={"zipmap": False}, target_opset={"": 21, "ai.onnx.ml": 3})
    (output / "model.onnx").write_bytes(model.SerializeToString())
    signature = [{"name": name, "type": kind} for name, kind in columns.items()]
    (output / "model.perennial.json").write_text(json.dumps({"format": "onnx", "signature": signature}))


if __name__ == "__main__":
    main()
