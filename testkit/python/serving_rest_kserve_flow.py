"""Uses KServe's official REST client, of both protocols, on a scorer that serves what serving_rest_triton_flow.py says.

Usage: python serving_rest_kserve_flow.py 127.0.0.1:PORT
"""

import asyncio
import sys

import numpy
from httpx import HTTPStatusError
from kserve import InferenceRESTClient, InferInput, InferRequest
from kserve.inference_client import RESTConfig
from kserve.protocol.infer_type import RequestedOutput

from serving_flow import run
from serving_values import HALVES, VALUES, same_bits


def tensor(name, values, datatype, binary):
    one = InferInput(name, list(values.shape), datatype)
    one.set_data_from_numpy(values, binary_data=binary)
    return one


def row(count, binary=False):
    texts = numpy.array(["a"] * count, numpy.object_)
    return [
        tensor("x", numpy.arange(count, dtype=numpy.float64), "FP64", binary),
        tensor("c", texts, "BYTES", binary),
    ]


async def health(url, second, first):
    for client in (second, first):
        assert await client.is_model_ready(url, "m")
    assert await second.is_server_live(url) and await second.is_server_ready(url)
    assert not await second.is_model_ready(url, "nobody")


async def rows_in_the_second_protocol(url, second, first):
    for binary in (False, True):
        answer = await second.infer(url, InferRequest("m", row(3, binary), request_id="r-1"), model_name="m")
        assert answer.id == "r-1" and answer.model_name == "m"
        scores = answer.outputs[0].as_numpy()
        assert scores.shape == (3,) and abs(scores[0] - 0.25) < 1e-6
    answer = await second.infer(url, InferRequest("m", row(1), request_id="r-2"), model_name="m")
    assert answer.parameters["role"] == "champion"


async def all_datatypes_in_all_forms(url, second, first):
    kinds = [t for t in VALUES if t not in HALVES]
    for binary_in in (False, True):
        for binary_out in (False, True):
            inputs = [tensor(t, VALUES[t], t, binary_in) for t in kinds]
            outputs = [RequestedOutput(f"{t}_out", parameters={"binary_data": binary_out}) for t in kinds]
            request = InferRequest("plain", inputs, request_outputs=outputs)
            answer = await second.infer(url, request, model_name="plain")
            for datatype, output in zip(kinds, answer.outputs):
                same_bits(VALUES[datatype], output.as_numpy())


async def half_floats_travel_in_binary_form(url, second, first):
    request = InferRequest(
        "half",
        [tensor("h", VALUES["FP16"], "FP16", True)],
        request_outputs=[RequestedOutput("h_out", parameters={"binary_data": True})],
    )
    answer = await second.infer(url, request, model_name="half")
    same_bits(VALUES["FP16"], answer.outputs[0].as_numpy())


async def rows_in_the_first_protocol(url, second, first):
    for body in (
        {"instances": [{"x": 1.0, "c": "a"}, {"x": 2.0, "c": None}]},
        {"instances": [[1.0, "a"], [2.0, "b"]]},
        {"inputs": {"x": [1.0, 2.0], "c": ["a", "b"]}},
    ):
        answer = await first.infer(url, body, model_name="m")
        assert len(answer["predictions"]) == 2 and abs(answer["predictions"][0] - 0.25) < 1e-6
    answer = await first.infer(url, {"instances": [[0.5, 2.0]]}, model_name="raw")
    assert answer == {"predictions": [[0.5, 2.0]]}


async def refusals(url, second, first):
    for call, status, text in (
        (second.infer(url, InferRequest("m", row(1)[:1]), model_name="m"), 400, "c: the column is missing"),
        (second.infer(url, InferRequest("m", row(1)), model_name="nobody"), 404, "there is no endpoint"),
        (first.infer(url, {"instances": []}, model_name="m"), 400, "at least one row"),
        (first.explain(url, "m", {"instances": [[1.0, "a"]]}), 501, "explanations are not given"),
    ):
        try:
            await call
        except HTTPStatusError as error:
            assert error.response.status_code == status and text in str(error), error
        else:
            raise AssertionError(f"{text} was answered")


def flow(work):
    def sync(url):
        async def session():
            second = InferenceRESTClient(RESTConfig(protocol="v2", retries=0))
            first = InferenceRESTClient(RESTConfig(protocol="v1", retries=0))
            await work(url, second, first)

        asyncio.run(session())

    sync.__name__ = work.__name__
    return sync


if __name__ == "__main__":
    flows = (
        health,
        rows_in_the_second_protocol,
        all_datatypes_in_all_forms,
        half_floats_travel_in_binary_form,
        rows_in_the_first_protocol,
        refusals,
    )
    run([flow(work) for work in flows], f"http://{sys.argv[1]}")
