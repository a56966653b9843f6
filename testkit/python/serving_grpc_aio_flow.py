"""Uses Triton's official asyncio gRPC client on a scorer, many calls at a time on one connection.

Usage: python serving_grpc_aio_flow.py 127.0.0.1:PORT
"""

import asyncio
import sys

import numpy
import tritonclient.grpc.aio as triton
from tritonclient.utils import InferenceServerException

from serving_flow import refused, run


def inputs(value):
    x = triton.InferInput("x", [1], "FP64")
    x.set_data_from_numpy(numpy.array([value], numpy.float64))
    c = triton.InferInput("c", [1], "BYTES")
    c.set_data_from_numpy(numpy.array(["a"], numpy.object_))
    return [x, c]


def with_client(flow):
    async def wrapped():
        async with triton.InferenceServerClient(sys.argv[1]) as client:
            return await flow(client)

    return asyncio.run(wrapped())


def asks_for_everything():
    async def flow(client):
        assert await client.is_server_live() and await client.is_server_ready()
        assert await client.is_model_ready("m") and not await client.is_model_ready("nobody")
        assert (await client.get_server_metadata()).name == "perennial-scorer"
        assert (await client.get_model_metadata("m")).name == "m"
        assert (await client.get_model_config("m")).config.name == "m"
        assert len((await client.get_model_repository_index()).models) > 10
        assert (await client.get_inference_statistics("m")).model_stats[0].name == "m"

    with_client(flow)


def three_hundred_calls_at_once_each_get_their_own_answer():
    async def one(client, i):
        tensor = triton.InferInput("x", [1, 2], "INT64")
        tensor.set_data_from_numpy(numpy.array([[i, -i]], numpy.int64))
        answer = await client.infer("identity_INT64", [tensor], request_id=str(i))
        assert answer.get_response().id == str(i)
        assert answer.as_numpy("y").tolist() == [[i, -i]]

    async def flow(client):
        await asyncio.gather(*(one(client, i) for i in range(300)))

    with_client(flow)


def a_stream_gives_one_answer_for_each_request():
    async def flow(client):
        async def requests():
            for i in range(40):
                yield {"model_name": "m", "inputs": inputs(i), "request_id": str(i)}

        seen = []
        async for result, error in client.stream_infer(requests()):
            assert error is None, error
            seen.append(result.get_response().id)
        assert seen == [str(i) for i in range(40)], seen

    with_client(flow)


def a_cancelled_call_leaves_the_others_alone():
    async def flow(client):
        big = triton.InferInput("x", [1, 1 << 20], "FP32")
        big.set_data_from_numpy(numpy.zeros([1, 1 << 20], numpy.float32))
        task = asyncio.ensure_future(client.infer("identity_matrix", [big]))
        await asyncio.sleep(0)
        task.cancel()
        answer = await client.infer("m", inputs(1))
        assert answer.as_numpy("score").shape == (1,)

    with_client(flow)


def errors_have_their_status():
    def call():
        return with_client(lambda client: client.infer("nobody", inputs(1)))

    refused(InferenceServerException, call, "NOT_FOUND", "there is no endpoint 'nobody'")


if __name__ == "__main__":
    run(
        [
            asks_for_everything,
            three_hundred_calls_at_once_each_get_their_own_answer,
            a_stream_gives_one_answer_for_each_request,
            a_cancelled_call_leaves_the_others_alone,
            errors_have_their_status,
        ]
    )
