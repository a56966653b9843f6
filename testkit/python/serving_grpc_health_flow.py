"""Uses grpcio's own health and reflection clients on a scorer, and compares what is described with Triton's own descriptors.

Usage: python serving_grpc_health_flow.py 127.0.0.1:PORT
"""

import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from tritonclient.grpc import model_config_pb2, service_pb2

from serving_flow import refused, run

SERVING = health_pb2.HealthCheckResponse.SERVING
OURS = {
    "inference.GRPCInferenceService",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
}


def health_of_the_server_and_of_models(channel):
    health = health_pb2_grpc.HealthStub(channel)
    for service in ("", "live", "ready", "inference.GRPCInferenceService", "m"):
        assert health.Check(health_pb2.HealthCheckRequest(service=service)).status == SERVING, service
    unknown = health_pb2.HealthCheckRequest(service="nobody")
    refused(grpc.RpcError, lambda: health.Check(unknown), "NOT_FOUND", "there is no service or model 'nobody'")


def health_is_watched(channel):
    health = health_pb2_grpc.HealthStub(channel)
    for service, status in (("", SERVING), ("nobody", health_pb2.HealthCheckResponse.SERVICE_UNKNOWN)):
        watch = health.Watch(health_pb2.HealthCheckRequest(service=service))
        assert next(watch).status == status
        watch.cancel()


def services_are_listed_and_described(channel):
    database = ProtoReflectionDescriptorDatabase(channel)
    assert set(database.get_services()) == OURS
    pool = descriptor_pool.DescriptorPool(database)
    service = pool.FindServiceByName("inference.GRPCInferenceService")
    assert service.FindMethodByName("ModelInfer").input_type.full_name == "inference.ModelInferRequest"
    assert pool.FindServiceByName("grpc.health.v1.Health").FindMethodByName("Watch")


def a_call_can_be_made_of_what_is_described(channel):
    pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    method = pool.FindServiceByName("inference.GRPCInferenceService").FindMethodByName("ModelReady")
    request = message_factory.GetMessageClass(method.input_type)(name="m")
    call = channel.unary_unary(
        "/inference.GRPCInferenceService/ModelReady",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=message_factory.GetMessageClass(method.output_type).FromString,
    )
    assert call(request).ready


def the_younger_version_of_reflection_answers_too(channel):
    call = channel.stream_stream(
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    asked = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_by_filename="nothing.proto"),
    ]
    listed, nothing = list(call(iter(asked)))
    assert {service.name for service in listed.list_services_response.service} == OURS
    assert nothing.error_response.error_code == 5 and "nothing.proto" in nothing.error_response.error_message


def what_is_described_is_what_tritons_client_knows(channel):
    """Each field of ours is there in Triton's descriptors with the same number, type and label; no pool, since names are the same."""
    reflection = reflection_pb2_grpc.ServerReflectionStub(channel)
    request = reflection_pb2.ServerReflectionRequest(file_by_filename="inference.proto")
    answer = next(reflection.ServerReflectionInfo(iter([request])))
    ours = descriptor_pb2.FileDescriptorProto.FromString(answer.file_descriptor_response.file_descriptor_proto[0])
    theirs = {}
    for module in (service_pb2, model_config_pb2):
        file = descriptor_pb2.FileDescriptorProto()
        module.DESCRIPTOR.CopyToProto(file)
        theirs.update(fields(file))
    added = {  # KServe's answers, which Triton's clients pass over
        "RepositoryModelLoadResponse.model_name",
        "RepositoryModelLoadResponse.isLoaded",
        "RepositoryModelUnloadResponse.model_name",
        "RepositoryModelUnloadResponse.isUnloaded",
    }
    mine = fields(ours)
    assert len(mine) > 90
    for name, what in mine.items():
        assert name in added or theirs.get(name) == what, f"{name}: {what} here, {theirs.get(name)} there"


def fields(file):
    found = {}

    def message(prefix, descriptor):
        name = prefix + descriptor.name
        for field in descriptor.field:
            found[f"{name}.{field.name}"] = (field.number, field.type, field.label, field.type_name)
        for nested in descriptor.nested_type:
            message(name + ".", nested)

    for descriptor in file.message_type:
        message("", descriptor)
    for enum in file.enum_type:
        for value in enum.value:
            found[f"{enum.name}.{value.name}"] = value.number
    for service in file.service:
        for method in service.method:
            found[f"{service.name}/{method.name}"] = (
                method.input_type,
                method.output_type,
                method.client_streaming,
                method.server_streaming,
            )
    return found


if __name__ == "__main__":
    with grpc.insecure_channel(sys.argv[1]) as opened:
        run(
            [
                health_of_the_server_and_of_models,
                health_is_watched,
                services_are_listed_and_described,
                a_call_can_be_made_of_what_is_described,
                the_younger_version_of_reflection_answers_too,
                what_is_described_is_what_tritons_client_knows,
            ],
            opened,
        )
