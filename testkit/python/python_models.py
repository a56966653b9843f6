"""Saves models of MLflow's flavor python_function, with what MLflow itself predicts with them.

usage: python_models.py FOLDER; makes FOLDER/NAME/model and FOLDER/NAME/told.json for each
"""

import json
import os
import pickle
import sys
import time

import mlflow.pyfunc
import mlflow.sklearn
import numpy as np
import pandas as pd
import yaml
from mlflow.models import ModelSignature, infer_signature
from mlflow.types import ColSpec, DataType, Schema
from sklearn.linear_model import LinearRegression, LogisticRegression

OUT = sys.argv[1]
ROWS = pd.DataFrame({"a": [1.5, -2.0, 0.25, 40.0], "n": [1, 2, 3, 4], "c": ["x", "y", "x", "other"]})


class Obedient(mlflow.pyfunc.PythonModel):
    """Scores a, n and c; misbehaves when a says so."""

    def predict(self, context, model_input, params=None):
        deeds = {
            666: lambda: os._exit(3),
            667: lambda: os.kill(os.getpid(), 11),
            777: lambda: time.sleep(600),
            888: self.hoard,
            999: self.multiply,
            555: self.shout,
            444: self.complain,
            333: lambda: sys.exit(7),
        }
        for value in model_input["a"]:
            deeds.get(value, lambda: None)()
        assert str(model_input["n"].dtype) == "int64", model_input.dtypes
        length = model_input["c"].map(lambda text: -1 if text is None else len(text))
        return model_input["a"] * 2 + model_input["n"] + length.astype("float64") / 10

    @staticmethod
    def hoard():
        kept = []
        while True:
            kept.append(np.ones(4 << 20))

    @staticmethod
    def multiply():
        while True:
            if os.fork() == 0:
                time.sleep(600)

    @staticmethod
    def shout():
        for _ in range(50):
            print("noise " * 10000)
        os.write(1, b"\x00\xff\xfe" * 1000 + b"\n")
        sys.stderr.write("more noise\n")

    @staticmethod
    def complain():
        raise ValueError("the value\nis not liked")


class Process(mlflow.pyfunc.PythonModel):
    """Its own number, to tell processes apart; and what it was given."""

    def predict(self, context, model_input, params=None):
        return [float(os.getpid())] * len(model_input)


class Texts(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return ["%s %s %s" % (t.isoformat(), f, b.decode()) for t, f, b in model_input.itertuples(index=False)]


class Frame(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return pd.DataFrame({"half": model_input["a"] / 2, "label": ["r%d" % i for i in range(len(model_input))]})


class Tensors(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input.astype("float32") * 2


class Wrong(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return np.zeros(len(model_input) + 1)


def told(name, sample=None, note=None):
    folder = os.path.join(OUT, name, "model")
    with open(os.path.join(folder, "MLmodel")) as f:
        model = yaml.safe_load(f)
    signature = model.get("signature") or {}
    with open(os.path.join(folder, "requirements.txt")) as f:
        requirements = f.read()
    said = {
        "inputs": signature.get("inputs"),
        "outputs": signature.get("outputs"),
        "python": model["flavors"]["python_function"]["python_version"],
        "requirements": requirements,
    }
    if sample is not None:
        predicted = mlflow.pyfunc.load_model(folder).predict(sample)
        said["predicted"] = np.asarray(predicted).tolist()
    with open(os.path.join(OUT, name, "told.json"), "w") as f:
        json.dump(said, f)


def python(name, model, signature, sample=None):
    mlflow.pyfunc.save_model(
        os.path.join(OUT, name, "model"),
        python_model=model,
        signature=signature,
        pip_requirements=["mlflow==" + mlflow.__version__],
    )
    told(name, sample)


def main():
    score = Schema([ColSpec(DataType.double)])
    rows = infer_signature(ROWS)
    python("obedient", Obedient(), ModelSignature(rows.inputs, score), ROWS)
    optional = Schema([ColSpec(DataType.double, "a"), ColSpec(DataType.long, "n", required=False)])
    python("process", Process(), ModelSignature(optional, score))
    mixed = Schema([ColSpec(DataType.datetime, "when"), ColSpec(DataType.boolean, "flag"), ColSpec(DataType.binary, "b")])
    python("texts", Texts(), ModelSignature(mixed, Schema([ColSpec(DataType.string)])))
    two = Schema([ColSpec(DataType.double, "half"), ColSpec(DataType.string, "label")])
    python("frame", Frame(), ModelSignature(Schema([ColSpec(DataType.double, "a")]), two))
    python("tensors", Tensors(), infer_signature(np.ones((2, 3)), np.ones((2, 3), "float32")), np.arange(6.0).reshape(2, 3))
    python("wrong", Wrong(), ModelSignature(Schema([ColSpec(DataType.double, "a")]), score))
    python("unsigned", Wrong(), None)
    python("broken", Wrong(), ModelSignature(Schema([ColSpec(DataType.double, "a")]), score))
    with open(os.path.join(OUT, "broken", "model", "python_model.pkl"), "wb") as f:
        f.write(pickle.dumps({"half": "a pickle"})[:-4])
    numbers = ROWS[["a", "n"]]
    line = LinearRegression().fit(numbers, [1.0, 2.0, 3.5, 4.0])
    mlflow.sklearn.save_model(
        line, os.path.join(OUT, "line", "model"), signature=infer_signature(numbers, line.predict(numbers)),
        pip_requirements=["mlflow==" + mlflow.__version__],
    )
    told("line", numbers)
    classes = LogisticRegression().fit(numbers, [0, 1, 2, 1])
    mlflow.sklearn.save_model(
        classes, os.path.join(OUT, "classes", "model"), pyfunc_predict_fn="predict_proba",
        signature=infer_signature(numbers, classes.predict_proba(numbers)),
        pip_requirements=["mlflow==" + mlflow.__version__],
    )
    told("classes", numbers)


main()
