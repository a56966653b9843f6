"""Makes whole.onnx: probability = sigmoid(float(a) + x), where a must be a whole number. Needs onnx; run in this folder."""

import onnx
from onnx import TensorProto, helper

graph = helper.make_graph(
    [
        helper.make_node("Cast", ["a"], ["a_float"], to=TensorProto.FLOAT),
        helper.make_node("Add", ["a_float", "x"], ["sum"]),
        helper.make_node("Sigmoid", ["sum"], ["probability"]),
    ],
    "whole",
    [
        helper.make_tensor_value_info("a", TensorProto.INT64, [None, 1]),
        helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 1]),
    ],
    [helper.make_tensor_value_info("probability", TensorProto.FLOAT, [None, 1])],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model)
onnx.save(model, "whole.onnx")
