"""Saves models of MLflow's flavor python_function, with what MLflow itself predicts with them.

usage: python_models.py FOLDER NAME...; makes FOLDER/NAME/model and FOLDER/NAME/told.json for each
"""

import json
import os
import pickle
import sys
import time

import mlflow.pyfunc
import numpy as np
import pandas as pd
import yaml
from mlflow.models import ModelSignature, infer_signature
from mlflow.types import ColSpec, DataType, Schema

OUT, NAMES = sys.argv[1], sys.argv[2:]
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


A = Schema([ColSpec(DataType.double, "a")])
SCORE = Schema([ColSpec(DataType.double)])


def obedient():
    python("obedient", Obedient(), ModelSignature(infer_signature(ROWS).inputs, SCORE), ROWS)


def process():
    optional = Schema([ColSpec(DataType.double, "a"), ColSpec(DataType.long, "n", required=False)])
    python("process", Process(), ModelSignature(optional, SCORE))


def texts():
    mixed = [ColSpec(DataType.datetime, "when"), ColSpec(DataType.boolean, "flag"), ColSpec(DataType.binary, "b")]
    python("texts", Texts(), ModelSignature(Schema(mixed), Schema([ColSpec(DataType.string)])))


def frame():
    two = Schema([ColSpec(DataType.double, "half"), ColSpec(DataType.string, "label")])
    python("frame", Frame(), ModelSignature(A, two))


def tensors():
    signature = infer_signature(np.ones((2, 3)), np.ones((2, 3), "float32"))
    python("tensors", Tensors(), signature, np.arange(6.0).reshape(2, 3))


def wrong():
    python("wrong", Wrong(), ModelSignature(A, SCORE))


def unsigned():
    python("unsigned", Wrong(), None)


def broken():
    python("broken", Wrong(), ModelSignature(A, SCORE))
    with open(os.path.join(OUT, "broken", "model", "python_model.pkl"), "wb") as f:
        f.write(pickle.dumps({"half": "a pickle"})[:-4])


def sklearn(name, model, predict, **options):
    import mlflow.sklearn

    numbers = ROWS[["a", "n"]]
    mlflow.sklearn.save_model(
        model,
        os.path.join(OUT, name, "model"),
        signature=infer_signature(numbers, predict(numbers)),
        pip_requirements=["mlflow==" + mlflow.__version__],
        **options,
    )
    told(name, numbers)


def line():
    from sklearn.linear_model import LinearRegression

    model = LinearRegression().fit(ROWS[["a", "n"]], [1.0, 2.0, 3.5, 4.0])
    sklearn("line", model, model.predict)


def classes():
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression().fit(ROWS[["a", "n"]], [0, 1, 2, 1])
    sklearn("classes", model, model.predict_proba, pyfunc_predict_fn="predict_proba")


for each in NAMES:
    globals()[each]()
