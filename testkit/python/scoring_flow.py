"""MLflow's own client of scoring servers, unchanged, against a scorer whose default endpoint takes the number x and the category c.

usage: scoring_flow.py URL ENDPOINT
"""

import json
import sys
from urllib.parse import urlparse

import mlflow
import numpy as np
import pandas as pd
import requests
from mlflow.deployments import PredictionsResponse
from mlflow.models import convert_input_example_to_serving_input
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

URL, ENDPOINT = sys.argv[1:]
ADDRESS = urlparse(URL)
SCORE = 0.25


def client(prefix=""):
    made = ScoringServerClient(ADDRESS.hostname, ADDRESS.port)
    made.url_prefix += prefix
    return made


def same(response, rows):
    assert isinstance(response, PredictionsResponse), response
    assert list(response) == ["predictions"], response
    frame = response.get_predictions()
    assert isinstance(frame, pd.DataFrame) and frame.shape == (rows, 1), frame
    array = response.get_predictions(predictions_format="ndarray")
    assert array.dtype == np.float64 and np.allclose(array, [SCORE] * rows, atol=1e-6), array


def ready_and_version():
    for prefix in ("", "/serving/" + ENDPOINT):
        client(prefix).wait_server_ready(timeout=5)
        assert client(prefix).get_version() == "3.11.1"


def a_data_frame():
    frame = pd.DataFrame({"x": [1.5, 2.0, 3.0], "c": ["a", "b", "new"]}, index=[7, 8, 9])
    same(client().invoke(frame), 3)
    same(client("/serving/" + ENDPOINT).invoke(frame), 3)


def a_data_frame_with_what_is_missing():
    frame = pd.DataFrame({"x": [np.nan, 2.0], "c": ["a", None]})
    same(client().invoke(frame), 2)
    frame["c"] = ["a", np.nan]
    same(client().invoke(frame), 2)


def a_data_frame_with_more_columns():
    frame = pd.DataFrame({"c": ["a"], "when": pd.to_datetime(["2024-01-02"]), "x": [1], "other": [True]})
    same(client().invoke(frame), 1)


def a_list_of_records():
    same(client().invoke([{"x": 1.5, "c": "a"}, {"x": -3, "c": "b"}]), 2)


def a_body_that_was_made_before():
    same(client().invoke(json.dumps({"instances": [{"x": 1.5, "c": "a"}]})), 1)


def parameters_beside_the_data():
    same(client().invoke(pd.DataFrame({"x": [1.0], "c": ["a"]}), params={"temperature": 0.5}), 1)


def a_refusal_comes_with_its_reason():
    try:
        client().invoke(pd.DataFrame({"x": ["much"], "c": ["a"]}))
    except Exception as e:
        assert "error code 400" in str(e) and "expected double, got the text 'much'" in str(e), e
        return
    raise AssertionError("a text was taken for a number")


def every_serving_input_of_mlflow():
    """What validate_serving_input is given: made from an input example by MLflow itself."""
    frames = [
        pd.DataFrame({"x": np.array([1.5, np.nan]), "c": ["a", None]}),
        pd.DataFrame({"x": np.array([1, 2], dtype="float32"), "c": ["a", "b"]}),
        pd.DataFrame({"x": np.array([1, 2], dtype="int32"), "c": pd.array(["a", None], dtype="string")}),
        pd.DataFrame({"x": np.array([1, 2], dtype="int64"), "c": pd.Categorical(["a", "b"])}),
        pd.DataFrame({"x": [0.1, 1e300], "c": ["", "\u00fc\n"[:1]]}, index=["p", "q"]),
    ]
    for frame in frames:
        serving = convert_input_example_to_serving_input(frame)
        post(serving, len(frame))
    for example in ({"x": [1.5, 2.5], "c": ["a", "b"]}, [{"x": 1.5, "c": "a"}, {"x": 2, "c": "b"}]):
        post(convert_input_example_to_serving_input(example), 2)
    post(convert_input_example_to_serving_input({"x": 1.5, "c": "a"}), 1)
    post(convert_input_example_to_serving_input((frames[0], {"k": 1})), 2)


def post(body, rows):
    answer = requests.post(URL + "/invocations", data=body, headers={"Content-Type": "application/json"}, timeout=20)
    assert answer.status_code == 200, (body, answer.text)
    same(PredictionsResponse.from_json(answer.text), rows)


def csv_as_pandas_writes_it():
    frame = pd.DataFrame({"x": [1.5, np.nan], "c": ["a", 'b, "quoted"']})
    for index in (True, False):
        body = frame.to_csv(index=index).encode()
        answer = requests.post(URL + "/invocations", data=body, headers={"Content-Type": "text/csv; charset=utf-8"}, timeout=20)
        assert answer.status_code == 200, answer.text
        same(PredictionsResponse.from_json(answer.text), 2)


FLOWS = [
    ready_and_version,
    a_data_frame,
    a_data_frame_with_what_is_missing,
    a_data_frame_with_more_columns,
    a_list_of_records,
    a_body_that_was_made_before,
    parameters_beside_the_data,
    a_refusal_comes_with_its_reason,
    every_serving_input_of_mlflow,
    csv_as_pandas_writes_it,
]

for flow in FLOWS:
    flow()
print(len(FLOWS), "flows passed with mlflow", mlflow.__version__)
