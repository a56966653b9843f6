"""Uses Triton's official asynchronous HTTP client on a scorer, as serving_rest_triton_flow.py does with the other one.

Usage: python serving_rest_aio_flow.py 127.0.0.1:PORT
"""

import asyncio
import sys

import numpy
import tritonclient.http.aio as triton
from tritonclient.utils import InferenceServerException

from serving_flow import run
from serving_rest_triton_flow import row, tensor
from serving_values import HALVES, VALUES, same_bits


async def healthy(client):
    assert await client.is_server_live() and await client.is_server_ready()
    assert await client.is_model_ready("m", "1") and not await client.is_model_ready("nobody")


async def described(client):
    assert (await client.get_server_metadata())["name"] == "perennial-scorer"
    assert (await client.get_model_metadata("m"))["outputs"][0]["name"] == "score"
    assert (await client.get_model_config("all"))["max_batch_size"] == 0
    assert len(await client.get_model_repository_index()) == 8
    assert (await client.get_inference_statistics("m"))["model_stats"][0]["name"] == "m"


async def all_forms(client):
    for binary in (False, True):
        for algorithm in (None, "gzip", "deflate"):
            inputs = [tensor(t, v, t, binary or t in HALVES) for t, v in VALUES.items()]
            outputs = [triton.InferRequestedOutput(f"{t}_out", binary_data=binary or t in HALVES) for t in VALUES]
            answer = await client.infer(
                "all",
                inputs,
                outputs=outputs,
                request_compression_algorithm=algorithm,
                response_compression_algorithm=algorithm,
            )
            for datatype, values in VALUES.items():
                same_bits(values, answer.as_numpy(f"{datatype}_out"))


async def many_at_once(client):
    answers = await asyncio.gather(*(client.infer("m", row(i % 7 + 1)) for i in range(200)))
    for i, answer in enumerate(answers):
        scores = answer.as_numpy("score")
        assert scores.shape == (i % 7 + 1,) and numpy.all(scores == scores[0])


async def refusals(client):
    for call, status, text in (
        (client.infer("m", row()[:1]), "400", "c: the column is missing"),
        (client.infer("nobody", row()), "404", "there is no endpoint"),
        (client.unload_model("m"), "409", "takes traffic"),
    ):
        try:
            await call
        except InferenceServerException as error:
            assert error.status() == status and text in error.message(), error
        else:
            raise AssertionError(f"{text} was answered")


def flow(work):
    def sync(url):
        async def session():
            async with triton.InferenceServerClient(url, conn_limit=16) as client:
                await work(client)

        asyncio.run(session())

    sync.__name__ = work.__name__
    return sync


if __name__ == "__main__":
    run([flow(work) for work in (healthy, described, all_forms, many_at_once, refusals)], sys.argv[1])
