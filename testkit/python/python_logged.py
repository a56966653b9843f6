"""Logs a Python model with MLflow's client and registers it; its one requirement is a package of the test's. Usage: python_logged.py URL"""

import sys

import mlflow
import mlflow.pyfunc
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema


class Doubled(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input["a"] * 2 + model_input["n"]


mlflow.set_tracking_uri(sys.argv[1])
with mlflow.start_run():
    mlflow.pyfunc.log_model(
        name="model",
        python_model=Doubled(),
        signature=ModelSignature(
            Schema([ColSpec(DataType.double, "a"), ColSpec(DataType.long, "n")]), Schema([ColSpec(DataType.double)])
        ),
        pip_requirements=["perennial-probe==1.0"],
        registered_model_name="Grass snakes",
    )
print("registered")
