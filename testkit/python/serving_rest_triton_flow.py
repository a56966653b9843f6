"""Uses Triton's official HTTP client on a scorer.

Usage: python serving_rest_triton_flow.py 127.0.0.1:PORT
The scorer serves m (rows of the number x and the text c; version 1 scores 0.25, version 2 scores 0.75), all (one input T and one output
T_out of shape [-1] for each datatype T), texts (BYTES t), raw (FP32 r of shape [-1,2]), classes (FP32 p of shape
[-1,3]), plain (as all, without the two halves) and half (FP16 h).
"""

import sys

import numpy
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

from serving_flow import refused, run
from serving_values import HALVES, VALUES, same_bits

def tensor(name, values, datatype=None, binary=True):
    one = triton.InferInput(name, list(values.shape), datatype or np_to_triton_dtype(values.dtype))
    one.set_data_from_numpy(values, binary_data=binary)
    return one


def row(count=1, binary=True):
    texts = numpy.array(["a"] * count, numpy.object_)
    return [tensor("x", numpy.arange(count, dtype=numpy.float64), binary=binary), tensor("c", texts, binary=binary)]


def server_and_models_are_ready(client):
    assert client.is_server_live() and client.is_server_ready()
    assert client.is_model_ready("m") and client.is_model_ready("m", "2")
    assert not client.is_model_ready("m", "9") and not client.is_model_ready("nobody")


def metadata_and_configuration_are_read(client):
    server = client.get_server_metadata()
    assert server["name"] == "perennial-scorer" and "binary_tensor_data" in server["extensions"]
    model = client.get_model_metadata("m")
    assert [t["name"] for t in model["inputs"]] == ["x", "c"] and model["versions"] == ["1", "2"]
    assert client.get_model_metadata("raw", "1")["inputs"][0]["shape"] == [-1, 2]
    config = client.get_model_config("all")
    assert {t["data_type"] for t in config["input"]} >= {"TYPE_STRING", "TYPE_BF16", "TYPE_BOOL"}


def the_repository_is_listed(client):
    index = client.get_model_repository_index()
    assert ("m", "2", "READY") in [(m["name"], m["version"], m["state"]) for m in index]


def loading_is_passed_on(client):
    client.load_model("m")
    client.load_model("m", config='{"version_policy": {"specific": {"versions": [1, 2]}}}')
    refused(InferenceServerException, lambda: client.unload_model("m"), "409", "takes traffic")
    refused(InferenceServerException, lambda: client.load_model("m", config='{"backend": "x"}'), "501", "'backend'")
    files = {"file:1/model.onnx": b"xxx"}
    refused(InferenceServerException, lambda: client.load_model("m", config="{}", files=files), "501", "never taken")
    refused(InferenceServerException, lambda: client.load_model("nobody"), "404", "there is no endpoint 'nobody'")


def statistics_count_rows_and_requests(client):
    def counted():
        found = client.get_inference_statistics("classes", "1")["model_stats"][0]
        return found["inference_count"], found["execution_count"], found["inference_stats"]["success"]["count"]

    before = counted()
    client.infer("classes", [tensor("p", numpy.ones([3, 3], numpy.float32))])
    assert [a - b for a, b in zip(counted(), before)] == [3, 1, 1]
    assert len(client.get_inference_statistics()["model_stats"]) == 8


def round_trip(client, binary_in, binary_out, **named):
    inputs = [tensor(t, v, t, binary_in or t in HALVES) for t, v in VALUES.items()]
    outputs = [triton.InferRequestedOutput(f"{t}_out", binary_data=binary_out or t in HALVES) for t in VALUES]
    answer = client.infer("all", inputs, outputs=outputs, **named)
    for datatype, values in VALUES.items():
        same_bits(values, answer.as_numpy(f"{datatype}_out"))


def all_datatypes_come_back_in_all_forms(client):
    for binary_in in (False, True):
        for binary_out in (False, True):
            round_trip(client, binary_in, binary_out)


def all_datatypes_come_back_compressed(client):
    for algorithm in ("gzip", "deflate"):
        for binary in (False, True):
            round_trip(
                client,
                binary,
                binary,
                request_compression_algorithm=algorithm,
                response_compression_algorithm=algorithm,
            )


def outputs_that_nobody_names_come_binary(client):
    answer = client.infer("all", [tensor(t, v, t) for t, v in VALUES.items()])
    assert all("binary_data_size" in output["parameters"] for output in answer.get_response()["outputs"])
    same_bits(VALUES["UINT64"], answer.as_numpy("UINT64_out"))


def bytes_that_are_no_text_come_back(client):
    values = numpy.array([b"\xff\xfe", b"", bytes(range(256))], numpy.object_)
    same_bits(values, client.infer("texts", [tensor("t", values)]).as_numpy("t_out"))
    wanted = [triton.InferRequestedOutput("t_out", binary_data=False)]
    refused(
        InferenceServerException,
        lambda: client.infer("texts", [tensor("t", values)], outputs=wanted),
        "400",
        "are not UTF-8; ask for it with binary_data",
    )


def empty_tensors_come_back(client):
    for binary in (False, True):
        values = numpy.zeros([0, 2], numpy.float32)
        wanted = [triton.InferRequestedOutput("r_out", binary_data=binary)]
        answer = client.infer("raw", [tensor("r", values, binary=binary)], outputs=wanted)
        assert answer.get_output("r_out")["shape"] == [0, 2]


def large_tensors_come_back(client):
    values = numpy.random.default_rng(7).random([1 << 18, 2], numpy.float32)
    for algorithm in (None, "gzip"):
        answer = client.infer(
            "raw",
            [tensor("r", values)],
            request_compression_algorithm=algorithm,
            response_compression_algorithm=algorithm,
        )
        same_bits(values, answer.as_numpy("r_out"))


def rows_score_alike_in_all_forms(client):
    scores = []
    for binary in (False, True):
        wanted = [triton.InferRequestedOutput("score", binary_data=binary)]
        scores.append(client.infer("m", row(5, binary), outputs=wanted).as_numpy("score"))
    same_bits(scores[0], scores[1])
    assert scores[0].shape == (5,) and abs(scores[0][0] - 0.25) < 1e-6


def a_row_tells_what_answered_it(client):
    names = ("score", "prediction_id", "version", "role")
    wanted = [triton.InferRequestedOutput(name) for name in names]
    answer = client.infer("m", row(), outputs=wanted, request_id="r-7")
    assert [o["name"] for o in answer.get_response()["outputs"]] == list(names)
    assert answer.as_numpy("prediction_id").tolist() == [b"r-7"]
    response = answer.get_response()
    assert response["id"] == "r-7" and response["model_version"] == "1"
    assert response["parameters"] == {"prediction_id": "r-7", "version": "m/1", "role": "champion"}


def a_version_may_be_named(client):
    assert abs(client.infer("m", row(), model_version="2").as_numpy("score")[0] - 0.75) < 1e-6
    refused(InferenceServerException, lambda: client.infer("m", row(), model_version="9"), "404", "version '9'")


def classes_are_given_instead_of_numbers(client):
    values = numpy.array([[0.25, 4.0, 2.0]], numpy.float32)
    for binary in (False, True):
        wanted = [triton.InferRequestedOutput("p_out", binary_data=binary, class_count=2)]
        found = client.infer("classes", [tensor("p", values)], outputs=wanted).as_numpy("p_out")
        same_bits(numpy.array([[b"4.000000:1", b"2.000000:2"]], numpy.object_), found)


def parameters_are_taken_or_refused(client):
    client.infer("m", row(), priority=1, timeout=60_000_000, parameters={"mine": "a", "other": 1.5})
    refused(InferenceServerException, lambda: client.infer("m", row(), sequence_id=5), "501", "keeps a state")
    refused(InferenceServerException, lambda: client.infer("m", row(), timeout=1), "504", "the deadline passed")
    shared = triton.InferInput("x", [1], "FP64")
    shared.set_shared_memory("region", 8)
    refused(InferenceServerException, lambda: client.infer("m", [shared]), "501", "shared memory is not supported")


def errors_say_what_is_wrong(client):
    def bad(status, text, *arguments, **named):
        refused(InferenceServerException, lambda: client.infer(*arguments, **named), status, text)

    bad("404", "there is no endpoint 'nobody'", "nobody", row())
    bad("400", "c: the column is missing", "m", row()[:1])
    bad("400", "expected FP32[-1,2], got FP64[1,2]", "raw", [tensor("r", numpy.zeros([1, 2]))])
    bad("400", "expected FP32[-1,2], got FP32[1,3]", "raw", [tensor("r", numpy.zeros([1, 3], numpy.float32))])
    bad("400", "unknown input", "raw", [tensor("z", numpy.zeros([1, 2], numpy.float32))])
    bad("400", "output 'z' is unknown", "m", row(), outputs=[triton.InferRequestedOutput("z")])
    bad("400", "stands twice", "m", row(), outputs=[triton.InferRequestedOutput("score")] * 2)


def the_same_values_come_concurrently(client):
    waiting = [client.async_infer("m", row(i % 7 + 1)) for i in range(60)]
    for i, one in enumerate(waiting):
        assert one.get_result().as_numpy("score").shape == (i % 7 + 1,)


if __name__ == "__main__":
    with triton.InferenceServerClient(sys.argv[1], concurrency=4) as rest:
        run(
            [
                server_and_models_are_ready,
                metadata_and_configuration_are_read,
                the_repository_is_listed,
                loading_is_passed_on,
                statistics_count_rows_and_requests,
                all_datatypes_come_back_in_all_forms,
                all_datatypes_come_back_compressed,
                outputs_that_nobody_names_come_binary,
                bytes_that_are_no_text_come_back,
                empty_tensors_come_back,
                large_tensors_come_back,
                rows_score_alike_in_all_forms,
                a_row_tells_what_answered_it,
                a_version_may_be_named,
                classes_are_given_instead_of_numbers,
                parameters_are_taken_or_refused,
                errors_say_what_is_wrong,
                the_same_values_come_concurrently,
            ],
            rest,
        )
