"""Uses KServe's official clients, REST and gRPC, on the scorer of a whole installation where callers sign in.

Usage: python serving_signed_in_kserve_flow.py 127.0.0.1:PORT MAINTAINER USER VIEWER STRANGER
The tokens and the endpoint are those of serving_signed_in_triton_flow.py. KServe's clients have no calls for the repository: loading goes by
the stub of its package.
"""

import asyncio
import sys

import grpc
from httpx import HTTPStatusError
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest
from kserve.inference_client import RESTConfig
from kserve.protocol.grpc import grpc_predict_v2_pb2 as pb
from kserve.protocol.grpc import grpc_predict_v2_pb2_grpc as stubs

from serving_flow import refused, run

MODEL = "churn"
ADDRESS = sys.argv[1]
URL = f"http://{ADDRESS}"
NEEDS_USE = "needs the right USE, and there is READ"


def row():
    inputs = [InferInput(name, [1], "FP64", data=[value]) for name, value in (("petal", 0.75), ("leaves", 3.0))]
    return InferRequest(model_name=MODEL, infer_inputs=inputs)


async def with_clients(work):
    rest = {name: InferenceRESTClient(RESTConfig(protocol=name, retries=0)) for name in ("v1", "v2")}
    remote = InferenceGRPCClient(url=ADDRESS, retries=0)
    try:
        return await work(rest, remote)
    finally:
        for client in (*rest.values(), remote):
            await client.close()


def shown(token):
    return {"Authorization": f"Bearer {token}"}


def metadata(token):
    return (("authorization", f"Bearer {token}"),)


async def rest_refuses(call, status, text):
    try:
        await call
    except HTTPStatusError as error:
        assert error.response.status_code == status and text in str(error), error
    else:
        raise AssertionError(f"it was answered, not refused with {status}")


async def grpc_refuses(call, status, text):
    try:
        await call
    except grpc.RpcError as error:
        assert error.code().name == status and text in error.details(), error
    else:
        raise AssertionError(f"it was answered, not refused with {status}")


async def who_may_use_it_gets_scores(rest, remote, tokens):
    for token in (tokens["maintainer"], tokens["user"]):
        answer = await rest["v2"].infer(URL, row(), headers=shown(token), model_name=MODEL)
        assert answer.outputs[0].as_numpy().tolist() == [2.0]
        first = {"instances": [{"petal": 0.75, "leaves": 3}]}
        assert await rest["v1"].infer(URL, first, headers=shown(token), model_name=MODEL) == {"predictions": [2.0]}
        answer = await remote.infer(row(), headers=metadata(token))
        assert answer.outputs[0].as_numpy().tolist() == [2.0]


async def who_may_only_read_it_gets_none(rest, remote, tokens):
    token = tokens["viewer"]
    assert await rest["v2"].is_model_ready(URL, MODEL, headers=shown(token))
    assert await remote.is_model_ready(MODEL, headers=metadata(token))
    await rest_refuses(rest["v2"].infer(URL, row(), headers=shown(token), model_name=MODEL), 403, NEEDS_USE)
    await grpc_refuses(remote.infer(row(), headers=metadata(token)), "PERMISSION_DENIED", NEEDS_USE)


async def strangers_and_wrong_tokens_are_nobody(rest, remote, tokens):
    for token in (tokens["stranger"], "nonsense"):
        await rest_refuses(rest["v2"].infer(URL, row(), headers=shown(token), model_name=MODEL), 401, "not authenticated")
        await grpc_refuses(remote.infer(row(), headers=metadata(token)), "UNAUTHENTICATED", "not authenticated")
    await rest_refuses(rest["v2"].infer(URL, row(), model_name=MODEL), 401, "show a token")
    await grpc_refuses(remote.infer(row()), "UNAUTHENTICATED", "show a token")


def only_a_maintainer_loads(tokens):
    load = pb.RepositoryModelLoadRequest(model_name=MODEL)
    unload = pb.RepositoryModelUnloadRequest(model_name=MODEL)
    with grpc.insecure_channel(ADDRESS) as channel:
        stub = stubs.GRPCInferenceServiceStub(channel)
        assert stub.RepositoryModelLoad(load, metadata=metadata(tokens["maintainer"])).isLoaded
        for name, status, text in (
            ("maintainer", "ABORTED", "takes traffic"),
            ("user", "PERMISSION_DENIED", "needs the right MANAGE, and there is USE"),
            ("viewer", "PERMISSION_DENIED", "needs the right MANAGE, and there is READ"),
            ("stranger", "UNAUTHENTICATED", "not valid here"),
        ):
            shows = metadata(tokens[name])
            refused(grpc.RpcError, lambda: stub.RepositoryModelUnload(unload, metadata=shows), status, text)


def sync(flow):
    def run_it(tokens):
        asyncio.run(with_clients(lambda rest, remote: flow(rest, remote, tokens)))

    run_it.__name__ = flow.__name__
    return run_it


if __name__ == "__main__":
    run(
        [
            sync(who_may_use_it_gets_scores),
            sync(who_may_only_read_it_gets_none),
            sync(strangers_and_wrong_tokens_are_nobody),
            only_a_maintainer_loads,
        ],
        dict(zip(("maintainer", "user", "viewer", "stranger"), sys.argv[2:])),
    )
