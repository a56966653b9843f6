"""Uses KServe's official InferenceGRPCClient on a scorer.

Usage: python serving_grpc_kserve_flow.py 127.0.0.1:PORT
"""

import asyncio
import sys

import grpc
import numpy
from kserve import InferenceGRPCClient, InferInput, InferRequest
from kserve.protocol.grpc import grpc_predict_v2_pb2 as pb
from kserve.protocol.grpc import grpc_predict_v2_pb2_grpc as stubs

from serving_flow import refused, run


def with_client(flow):
    async def wrapped():
        client = InferenceGRPCClient(url=sys.argv[1], retries=0)
        try:
            return await flow(client)
        finally:
            await client.close()

    return asyncio.run(wrapped())


def request(values, binary, model="identity_FP64", datatype="FP64"):
    tensor = InferInput(name="x", shape=list(values.shape), datatype=datatype)
    tensor.set_data_from_numpy(values, binary_data=binary)
    return InferRequest(model_name=model, infer_inputs=[tensor])


def asks_whether_it_lives():
    async def flow(client):
        assert await client.is_server_live()
        assert await client.is_server_ready()
        assert await client.is_model_ready("m")
        assert not await client.is_model_ready("nobody")

    with_client(flow)


def infers_typed_and_binary():
    values = numpy.array([[0.1, -0.0, 5e-324]], numpy.float64)

    async def flow(client):
        for binary in (True, False):
            answer = await client.infer(request(values, binary))
            assert answer.model_name == "identity_FP64"
            assert answer.outputs[0].as_numpy().tobytes() == values.tobytes(), answer

    with_client(flow)


def whole_numbers_and_texts_come_back():
    async def flow(client):
        whole = numpy.array([[-(2**63), 2**63 - 1]], numpy.int64)
        answer = await client.infer(request(whole, False, "identity_INT64", "INT64"))
        assert answer.outputs[0].as_numpy().tolist() == whole.tolist()
        texts = numpy.array([["a", "größer"]], numpy.object_)
        answer = await client.infer(request(texts, True, "identity_BYTES", "BYTES"))
        found = [t if isinstance(t, str) else t.decode() for t in answer.outputs[0].as_numpy().flatten()]
        assert found == ["a", "größer"], found

    with_client(flow)


def rows_are_scored():
    async def flow(client):
        x = InferInput(name="x", shape=[2], datatype="FP64", data=[1.0, 2.0])
        c = InferInput(name="c", shape=[2], datatype="BYTES", data=["a", "b"])
        answer = await client.infer(InferRequest(model_name="m", infer_inputs=[x, c]))
        scores = answer.outputs[0].as_numpy()
        assert scores.shape == (2,) and abs(scores[0] - 0.25) < 1e-6, scores

    with_client(flow)


def an_unknown_model_is_not_found():
    def call():
        return with_client(lambda client: client.infer(request(numpy.zeros([1, 1]), True, "nobody")))

    refused(grpc.RpcError, call, "NOT_FOUND", "there is no endpoint 'nobody'")


def loading_by_the_field_of_kserve_is_understood():
    """KServe puts the model's name where Triton has the repository's."""
    with grpc.insecure_channel(sys.argv[1]) as channel:
        stub = stubs.GRPCInferenceServiceStub(channel)
        load = pb.RepositoryModelLoadRequest(model_name="m")
        loaded = stub.RepositoryModelLoad(load)
        assert loaded.model_name == "m" and loaded.isLoaded, loaded
        unload = pb.RepositoryModelUnloadRequest(model_name="m")
        refused(grpc.RpcError, lambda: stub.RepositoryModelUnload(unload), "ABORTED", "takes traffic")


if __name__ == "__main__":
    run(
        [
            asks_whether_it_lives,
            infers_typed_and_binary,
            whole_numbers_and_texts_come_back,
            rows_are_scored,
            an_unknown_model_is_not_found,
            loading_by_the_field_of_kserve_is_understood,
        ]
    )
