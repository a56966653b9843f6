"""Asks a real `mlflow models serve` what becomes of values: reads cells (a list of {"body", "type"}) and writes an answer for each.

usage: scoring_cells.py CELLS.json ANSWERS.json FOLDER
"""

import concurrent.futures
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

TYPES = ["boolean", "integer", "long", "float", "double", "string", "binary", "datetime"]
START_SECONDS = 120
THREADS = 4

ECHO = '''
import math
import mlflow
import pandas as pd


def told(value):
    if value is None:
        return ["null", ""]
    if value is pd.NaT:
        return ["NaT", ""]
    name = type(value).__name__
    if name in ("bool", "bool_"):
        return ["boolean", str(bool(value)).lower()]
    if name.startswith("int") or name.startswith("uint"):
        return ["whole", str(int(value))]
    if name.startswith("float"):
        return ["number", "NaN" if math.isnan(value) else repr(float(value))]
    if name in ("str", "str_"):
        return ["text", str(value)]
    if name in ("bytes", "bytes_"):
        return ["bytes", bytes(value).hex()]
    if name == "Timestamp":
        return ["nanos", str(value.tz_convert("UTC").value if value.tzinfo else value.value)]
    if name in ("list", "ndarray"):
        return ["list", ""]
    return ["other", name]


class Echo(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return {
            "columns": {str(name): [told(value) for value in model_input[name]] for name in model_input.columns},
            "params": {key: told(value) if not isinstance(value, list) else [told(v) for v in value] for key, value in (params or {}).items()},
        }


mlflow.models.set_model(Echo())
'''


def main(cells, answers, folder):
    import mlflow
    import pandas
    import numpy
    from mlflow.models.signature import ModelSignature
    from mlflow.types.schema import ColSpec, ParamSchema, ParamSpec, Schema

    code = os.path.join(folder, "echo_model.py")
    with open(code, "w") as file:
        file.write(ECHO)
    columns = [ColSpec(kind, kind, required=False) for kind in TYPES]
    params = ParamSchema([
        ParamSpec("whole", "integer", 1),
        ParamSpec("wide", "long", 2),
        ParamSpec("number", "double", 0.5),
        ParamSpec("text", "string", "a"),
        ParamSpec("flag", "boolean", True),
        ParamSpec("list", "long", [1, 2], (-1,)),
    ])
    model = os.path.join(folder, "echo")
    mlflow.pyfunc.save_model(model, python_model=code, signature=ModelSignature(inputs=Schema(columns), params=params))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", model, "-p", str(port), "-h", "127.0.0.1", "--env-manager", "local"]
    path = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]
    with open(os.path.join(folder, "serve.log"), "w") as log:
        environment = dict(os.environ, PATH=path, MLFLOW_DISABLE_TELEMETRY="true")
        server = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
    try:
        wait(server, port)
        with open(cells) as file:
            asked = json.load(file)
        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            told = list(pool.map(lambda cell: ask(port, cell), asked))
        versions = {"mlflow": mlflow.__version__, "pandas": pandas.__version__, "numpy": numpy.__version__}
        versions["version"] = get(port, "/version")
        with open(answers, "w") as file:
            json.dump({"versions": versions, "answers": told}, file)
        print(len(told), "cells answered by mlflow", mlflow.__version__)
    finally:
        os.killpg(server.pid, 15)
        server.wait()


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.read().decode()


def wait(process, port):
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            get(port, "/ping")
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("mlflow models serve does not start")


def ask(port, cell):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/invocations", data=cell["body"].encode(), headers={"Content-Type": cell["type"]})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return {"status": answer.status, **json.loads(answer.read())["predictions"]}
    except urllib.error.HTTPError as e:
        text = e.read().decode()
        try:
            code = json.loads(text).get("error_code", "")
        except ValueError:
            code = text[:40]
        return {"status": e.code, "code": code}


if __name__ == "__main__":
    main(*sys.argv[1:])
