"""Uses Triton's official gRPC client, and its HTTP client beside it, on a scorer.

Usage: python serving_grpc_triton_flow.py 127.0.0.1:PORT
The scorer serves m (rows of the number x and the text c, score 0.25) and, for each datatype T, identity_T with input x and output y of
shape [-1,-1]; identity_matrix takes FP32 [-1,-1].
"""

import queue
import sys

import numpy
import tritonclient.grpc as triton
import tritonclient.http as http
from tritonclient.grpc import service_pb2 as pb
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

from serving_flow import refused, run

VALUES = {
    "BOOL": numpy.array([[True, False, True]]),
    "UINT8": numpy.array([[0, 1, 255]], numpy.uint8),
    "UINT16": numpy.array([[0, 1, 65535]], numpy.uint16),
    "UINT32": numpy.array([[0, 1, 2**32 - 1]], numpy.uint32),
    "UINT64": numpy.array([[0, 2**53 + 1, 2**64 - 1]], numpy.uint64),
    "INT8": numpy.array([[-128, 0, 127]], numpy.int8),
    "INT16": numpy.array([[-(2**15), 0, 2**15 - 1]], numpy.int16),
    "INT32": numpy.array([[-(2**31), 0, 2**31 - 1]], numpy.int32),
    "INT64": numpy.array([[-(2**63), 2**53 + 1, 2**63 - 1]], numpy.int64),
    "FP16": numpy.array([[1.5, -0.0, 65504]], numpy.float16),
    "FP32": numpy.array([[0.1, -0.0, 3.4028235e38]], numpy.float32),
    "FP64": numpy.array([[0.1, 5e-324, -1.7976931348623157e308]], numpy.float64),
    "BYTES": numpy.array([[b"", b"\x00", b"\xff\xfe", "größer".encode()]], numpy.object_),
}
CONTENTS = {
    "BOOL": "bool_contents",
    "INT8": "int_contents",
    "INT16": "int_contents",
    "INT32": "int_contents",
    "INT64": "int64_contents",
    "UINT8": "uint_contents",
    "UINT16": "uint_contents",
    "UINT32": "uint_contents",
    "UINT64": "uint64_contents",
    "FP32": "fp32_contents",
    "FP64": "fp64_contents",
    "BYTES": "bytes_contents",
}


def input_of(values, name="x", module=triton):
    tensor = module.InferInput(name, list(values.shape), np_to_triton_dtype(values.dtype))
    tensor.set_data_from_numpy(values)
    return tensor


def row_inputs(module=triton, count=1):
    texts = numpy.array(["a"] * count, numpy.object_)
    return [input_of(numpy.arange(count, dtype=numpy.float64), module=module), input_of(texts, "c", module)]


def same_bits(wanted, actual):
    assert actual is not None, "the client found no values"
    assert wanted.shape == actual.shape, f"{wanted.shape} became {actual.shape}"
    if wanted.dtype == numpy.object_:
        assert wanted.tolist() == actual.tolist(), f"{wanted} became {actual}"
    else:
        assert wanted.tobytes() == actual.tobytes(), f"{wanted} became {actual}"


def server_is_live_and_ready(client, rest):
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("m")
    assert client.is_model_ready("m", "1")
    assert not client.is_model_ready("m", "9")
    assert not client.is_model_ready("nobody")


def metadata_is_that_of_rest(client, rest):
    server = client.get_server_metadata(as_json=True)
    assert server["name"] == rest.get_server_metadata()["name"] == "perennial-scorer"
    assert set(server["extensions"]) <= set(rest.get_server_metadata()["extensions"])
    for model in ("m", "identity_BF16", "identity_matrix"):
        ours = client.get_model_metadata(model)
        theirs = rest.get_model_metadata(model)
        assert ours.name == theirs["name"] and list(ours.versions) == theirs["versions"]
        assert ours.platform == theirs["platform"]
        for mine, other in ((ours.inputs, theirs["inputs"]), (ours.outputs, theirs["outputs"])):
            assert [(t.name, t.datatype, list(t.shape)) for t in mine] == [
                (t["name"], t["datatype"], t["shape"]) for t in other
            ]


def configuration_is_that_of_rest(client, rest):
    for model in ("m", "identity_BYTES"):
        ours = client.get_model_config(model, as_json=True)["config"]
        theirs = rest.get_model_config(model)
        assert ours["name"] == theirs["name"] and ours["backend"] == theirs["backend"]
        for part in ("input", "output"):
            assert [(t["name"], t["data_type"], [int(d) for d in t["dims"]]) for t in ours[part]] == [
                (t["name"], t["data_type"], t["dims"]) for t in theirs[part]
            ]


def index_is_that_of_rest(client, rest):
    ours = client.get_model_repository_index().models
    assert sorted((m.name, m.version, m.state) for m in ours) == sorted(
        (m["name"], m["version"], m["state"]) for m in rest.get_model_repository_index()
    )
    assert ("m", "1", "READY") in [(m.name, m.version, m.state) for m in ours]


def statistics_count_rows_and_requests(client, rest):
    def counted():
        found = client.get_inference_statistics("m").model_stats[0]
        return found.inference_count, found.execution_count, found.inference_stats.success.count

    before = counted()
    client.infer("m", row_inputs(count=3))
    after = counted()
    assert [a - b for a, b in zip(after, before)] == [3, 1, 1], (before, after)
    stats = client.get_inference_statistics("m", "1").model_stats[0]
    assert stats.inference_stats.compute_infer.ns > 0
    assert any(batch.batch_size == 3 for batch in stats.batch_stats)
    theirs = rest.get_inference_statistics("m")["model_stats"][0]
    assert theirs["inference_count"] == stats.inference_count
    assert len(client.get_inference_statistics().model_stats) > 10


def every_datatype_comes_back_raw(client, rest):
    for name, values in VALUES.items():
        answer = client.infer(f"identity_{name}", [input_of(values)])
        same_bits(values, answer.as_numpy("y"))


def half_of_the_bits_come_back(client, rest):
    """BF16 has no type in numpy: its bytes are sent as they are."""
    sent = b"\xc0\x3f\x00\xc0\x80\x7f"  # 1.5, -2.0, infinity: the upper halves of FP32
    request = pb.ModelInferRequest(model_name="identity_BF16", raw_input_contents=[sent])
    request.inputs.add(name="x", datatype="BF16", shape=[1, 3])
    request.parameters["binary_data_output"].bool_param = False  # there is no typed form, hence raw all the same
    answer = client._client_stub.ModelInfer(request)
    assert answer.raw_output_contents == [sent] and not answer.outputs[0].HasField("contents")


def empty_tensors_come_back(client, rest):
    for name, values in VALUES.items():
        answer = client.infer(f"identity_{name}", [input_of(values[:, :0])])
        output = answer.get_response().outputs[0]
        assert list(output.shape) == [1, 0] and output.datatype == name


def typed_contents_give_the_same_bits(client, rest):
    """In and out typed, by the generated stub of the client's own package."""
    for name, field in CONTENTS.items():
        values = VALUES[name]
        for typed_answer in (False, True):
            request = pb.ModelInferRequest(model_name=f"identity_{name}")
            tensor = request.inputs.add(name="x", datatype=name, shape=list(values.shape))
            getattr(tensor.contents, field).extend(values.flatten().tolist())
            if typed_answer:
                request.parameters["binary_data_output"].bool_param = False
            answer = client._client_stub.ModelInfer(request)
            if typed_answer:
                assert not answer.raw_output_contents
                found = list(getattr(answer.outputs[0].contents, field))
                dtype = values.dtype
                same_bits(values, numpy.array(found, dtype).reshape(values.shape))
            else:
                same_bits(values, triton.InferResult(answer).as_numpy("y"))


def rest_gives_the_same_bits(client, rest):
    """JSON and binary in, JSON and binary out, and gRPC raw."""
    for name, values in VALUES.items():
        over_grpc = client.infer(f"identity_{name}", [input_of(values)]).as_numpy("y")
        for binary_in in (True, False):
            for binary_out in (True, False):
                if name == "FP16" and not (binary_in and binary_out):
                    continue  # has no form in JSON
                if name == "BYTES" and not (binary_in and binary_out):
                    values = numpy.array([["", "a", "größer"]], numpy.object_)  # JSON holds texts only
                tensor = http.InferInput("x", list(values.shape), name)
                tensor.set_data_from_numpy(values, binary_data=binary_in)
                wanted = http.InferRequestedOutput("y", binary_data=binary_out)
                found = rest.infer(f"identity_{name}", [tensor], outputs=[wanted]).as_numpy("y")
                if name == "BYTES":
                    again = client.infer(f"identity_{name}", [input_of(values)]).as_numpy("y")
                    assert [b if isinstance(b, bytes) else b.encode() for b in found.flatten()] == again.flatten().tolist()
                else:
                    same_bits(over_grpc, found)


def rows_score_as_over_rest(client, rest):
    ours = client.infer("m", row_inputs(count=5)).as_numpy("score")
    theirs = rest.infer("m", row_inputs(http, 5)).as_numpy("score")
    same_bits(theirs, ours)
    assert ours.shape == (5,) and abs(ours[0] - 0.25) < 1e-6


def a_row_tells_what_answered_it(client, rest):
    names = ("score", "prediction_id", "version", "role")
    wanted = [triton.InferRequestedOutput(name) for name in names]
    answer = client.infer("m", row_inputs(), outputs=wanted, request_id="r-7")
    assert [o.name for o in answer.get_response().outputs] == list(names)
    assert answer.as_numpy("prediction_id").tolist() == [b"r-7"]
    assert answer.as_numpy("version").tolist() == [b"m/1"]
    assert answer.as_numpy("role").tolist() == [b"champion"]
    response = answer.get_response()
    assert response.id == "r-7" and response.model_version == "1"
    assert response.parameters["prediction_id"].string_param == "r-7"


def a_version_may_be_named(client, rest):
    assert client.infer("m", row_inputs(), model_version="1").get_response().model_version == "1"
    refused(
        InferenceServerException, lambda: client.infer("m", row_inputs(), model_version="9"), "NOT_FOUND", "version '9'"
    )


def messages_are_compressed_both_ways(client, rest):
    values = numpy.zeros([1, 100_000], numpy.float32)
    for algorithm in ("gzip", "deflate"):
        answer = client.infer("identity_matrix", [input_of(values)], compression_algorithm=algorithm)
        same_bits(values, answer.as_numpy("y"))


def large_tensors_pass(client, rest):
    values = numpy.arange(10 * (1 << 20) // 4, dtype=numpy.float32).reshape(4, -1)
    same_bits(values, client.infer("identity_matrix", [input_of(values)]).as_numpy("y"))


def errors_say_what_is_wrong(client, rest):
    def bad(status, text, *arguments, **named):
        refused(InferenceServerException, lambda: client.infer(*arguments, **named), status, text)

    bad("NOT_FOUND", "there is no endpoint 'nobody'", "nobody", row_inputs())
    bad("INVALID_ARGUMENT", "c: the column is missing", "m", row_inputs()[:1])
    bad("INVALID_ARGUMENT", "expected FP32", "identity_matrix", [input_of(VALUES["FP64"])])
    bad("INVALID_ARGUMENT", "unknown input", "identity_matrix", [input_of(VALUES["FP32"], "z")])
    bad(
        "INVALID_ARGUMENT",
        "output 'nothing' is unknown",
        "m",
        row_inputs(),
        outputs=[triton.InferRequestedOutput("nothing")],
    )
    bad("UNIMPLEMENTED", "no model here keeps a state", "m", row_inputs(), sequence_id=5)


def mixing_contents_is_refused_in_tritons_words(client, rest):
    request = pb.ModelInferRequest(model_name="identity_FP32")
    tensor = request.inputs.add(name="x", datatype="FP32", shape=[1, 1])
    tensor.contents.fp32_contents.append(1.0)
    request.raw_input_contents.append(b"\x00\x00\x80?")
    import grpc

    refused(
        grpc.RpcError,
        lambda: client._client_stub.ModelInfer(request),
        "INVALID_ARGUMENT",
        "contents field must not be specified when using raw_input_contents for 'x'",
    )


def a_number_that_does_not_fit_is_refused_not_cut(client, rest):
    import grpc

    request = pb.ModelInferRequest(model_name="identity_INT8")
    tensor = request.inputs.add(name="x", datatype="INT8", shape=[1, 1])
    tensor.contents.int_contents.append(300)
    refused(grpc.RpcError, lambda: client._client_stub.ModelInfer(request), "INVALID_ARGUMENT", "300 is no INT8")


def classes_are_given_instead_of_numbers(client, rest):
    values = numpy.array([[0.25, 4.0, 2.0]], numpy.float32)
    wanted = triton.InferRequestedOutput("y", class_count=2)
    answer = client.infer("identity_matrix", [input_of(values)], outputs=[wanted])
    assert answer.as_numpy("y").tolist() == [[b"4.000000:1", b"2.000000:2"]]


def a_deadline_ends_the_call(client, rest):
    large = [input_of(numpy.zeros([16, 1 << 18], numpy.float32))]  # no machine sends 16 MiB within a millisecond
    refused(
        InferenceServerException,
        lambda: client.infer("identity_matrix", large, client_timeout=0.001),
        "DEADLINE_EXCEEDED",
        "",
    )
    assert client.infer("m", row_inputs(), timeout=60_000_000).as_numpy("score").shape == (1,)


def callbacks_and_cancelling_work(client, rest):
    answers = queue.Queue()
    for _ in range(20):
        client.async_infer("m", row_inputs(), lambda result, error: answers.put((result, error)))
    for _ in range(20):
        result, error = answers.get(timeout=30)
        assert error is None and result.as_numpy("score").shape == (1,)
    big = numpy.zeros([1, 1 << 20], numpy.float32)
    context = client.async_infer("identity_matrix", [input_of(big)], lambda result, error: answers.put((result, error)))
    context.cancel()
    result, error = answers.get(timeout=30)
    assert result is not None or "CANCELLED" in str(error.status()), error


def a_stream_answers_each_request(client, rest):
    answers = queue.Queue()
    client.start_stream(lambda result, error: answers.put((result, error)))
    for i in range(30):
        client.async_stream_infer("m", row_inputs() if i % 5 else row_inputs()[:1], request_id=str(i))
    found = [answers.get(timeout=30) for _ in range(30)]
    client.stop_stream()
    for i, (result, error) in enumerate(found):
        if i % 5:
            assert error is None and result.get_response().id == str(i), (i, error)
        else:
            assert "c: the column is missing" in error.message(), (i, error)


def what_is_not_offered_says_so(client, rest):
    calls = {
        lambda: client.load_model("m", files={"file:1/model.onnx": b"xxx"}, config="{}"): "never taken",
        lambda: client.get_system_shared_memory_status(): "shared memory is not supported",
        lambda: client.get_cuda_shared_memory_status(): "shared memory is not supported",
        lambda: client.get_trace_settings(): "traces are not set",
        lambda: client.get_log_settings(): "logging is not set",
    }
    for call, text in calls.items():
        refused(InferenceServerException, call, "UNIMPLEMENTED", text)
    client.load_model("m")
    refused(InferenceServerException, lambda: client.unload_model("m"), "ABORTED", "takes traffic")
    refused(InferenceServerException, lambda: client.load_model("nobody"), "NOT_FOUND", "there is no endpoint 'nobody'")


def a_connection_that_is_pinged_stays(client, rest):
    options = triton.KeepAliveOptions(
        keepalive_time_ms=20,
        keepalive_timeout_ms=20_000,
        keepalive_permit_without_calls=True,
        http2_max_pings_without_data=0,
    )
    with triton.InferenceServerClient(sys.argv[1], keepalive_options=options) as pinging:
        for _ in range(100):
            assert pinging.is_server_live()


if __name__ == "__main__":
    with triton.InferenceServerClient(sys.argv[1]) as grpc_client:
        rest_client = http.InferenceServerClient(sys.argv[1])
        run(
            [
                server_is_live_and_ready,
                metadata_is_that_of_rest,
                configuration_is_that_of_rest,
                index_is_that_of_rest,
                statistics_count_rows_and_requests,
                every_datatype_comes_back_raw,
                half_of_the_bits_come_back,
                empty_tensors_come_back,
                typed_contents_give_the_same_bits,
                rest_gives_the_same_bits,
                rows_score_as_over_rest,
                a_row_tells_what_answered_it,
                a_version_may_be_named,
                messages_are_compressed_both_ways,
                large_tensors_pass,
                errors_say_what_is_wrong,
                mixing_contents_is_refused_in_tritons_words,
                a_number_that_does_not_fit_is_refused_not_cut,
                classes_are_given_instead_of_numbers,
                a_deadline_ends_the_call,
                callbacks_and_cancelling_work,
                a_stream_answers_each_request,
                what_is_not_offered_says_so,
                a_connection_that_is_pinged_stays,
            ],
            grpc_client,
            rest_client,
        )
