"""Uses Triton's official clients, HTTP and gRPC, on the scorer of a whole installation where callers sign in.

Usage: python serving_signed_in_triton_flow.py 127.0.0.1:PORT MAINTAINER USER VIEWER STRANGER
The four are tokens: of a maintainer, of somebody who may only use the endpoint, of one who may only read it, and of one with no right here.
The endpoint churn has version 2 of "Iris flowers" as its champion and version 1 warm.
"""

import sys

import numpy
import tritonclient.grpc as grpc
import tritonclient.http as http
from tritonclient.utils import InferenceServerException

from serving_flow import refused, run

MODEL = "churn"
ONLY_THE_CHAMPION = '{"version_policy": {"specific": {"versions": [2]}}}'
STATUS = {
    http: {"nobody": "401", "denied": "403", "conflict": "409", "missing": "404"},
    grpc: {"nobody": "UNAUTHENTICATED", "denied": "PERMISSION_DENIED", "conflict": "ABORTED", "missing": "NOT_FOUND"},
}


class Person:
    """A client of one protocol that shows one token; without a token it shows none."""

    def __init__(self, module, token):
        self.module = module
        self.client = module.InferenceServerClient(sys.argv[1])
        self.headers = {"authorization": f"Bearer {token}"} if token else {}

    def call(self, name, *arguments, **named):
        return getattr(self.client, name)(*arguments, headers=self.headers, **named)

    def score(self, version=""):
        inputs = []
        for name, value in (("petal", 0.75), ("leaves", 3.0)):
            inputs.append(self.module.InferInput(name, [1], "FP64"))
            inputs[-1].set_data_from_numpy(numpy.array([value]))
        return self.call("infer", MODEL, inputs, model_version=version).as_numpy("score")[0]

    def refused(self, kind, text, call, *arguments, **named):
        refused(InferenceServerException, lambda: call(*arguments, **named), STATUS[self.module][kind], text)

    def is_ready(self, version):
        return self.call("is_model_ready", MODEL, version)


def read(person):
    """The metadata, index, statistics and configuration that the person sees, alike in both protocols."""
    plain = {} if person.module is http else {"as_json": True}
    metadata = person.call("get_model_metadata", MODEL, **plain)
    index = person.call("get_model_repository_index", **plain)
    stats = person.call("get_inference_statistics", MODEL, **plain)["model_stats"]
    config = person.call("get_model_config", MODEL, **plain)
    return (
        [(one["name"], one["datatype"]) for one in metadata["inputs"]],
        [(one["name"], one["version"]) for one in (index if person.module is http else index.get("models", []))],
        [one["version"] for one in stats],
        (config if person.module is http else config["config"])["name"],
    )


def the_server_itself_is_open(module, people):
    nobody = Person(module, "")
    assert nobody.call("is_server_live") and nobody.call("is_server_ready")
    assert nobody.call("get_server_metadata")


def who_may_read_sees_metadata_index_statistics_and_configuration(module, people):
    for name in ("maintainer", "user", "viewer"):
        seen = read(people[name])
        assert seen[0] == [("petal", "FP64"), ("leaves", "FP64")], seen
        assert (MODEL, "2") in seen[1] and "2" in seen[2] and seen[3] == MODEL, seen


def who_may_use_it_gets_scores(module, people):
    for name in ("maintainer", "user"):
        assert people[name].score() == 2.0
    people["viewer"].refused("denied", "needs the right USE, and there is READ", people["viewer"].score)


def naming_a_version_needs_more_than_use(module, people):
    assert people["maintainer"].score("1") == 1.0
    people["user"].refused("denied", "needs the right EDIT, and there is USE", people["user"].score, "1")


def only_a_maintainer_loads_and_unloads(module, people):
    for name in ("user", "viewer"):
        person = people[name]
        for call in ("load_model", "unload_model"):
            person.refused("denied", "needs the right MANAGE, and there is", person.call, call, MODEL)
    maintainer = people["maintainer"]
    maintainer.call("load_model", MODEL, config=ONLY_THE_CHAMPION)
    assert not maintainer.is_ready("1") and maintainer.is_ready("2")
    assert maintainer.score() == 2.0, "the champion answers all the same"
    maintainer.call("load_model", MODEL)
    assert maintainer.is_ready("1") and maintainer.score("1") == 1.0


def what_takes_traffic_is_not_unloaded(module, people):
    maintainer = people["maintainer"]
    maintainer.refused("conflict", "takes traffic", maintainer.call, "unload_model", MODEL)
    assert maintainer.is_ready("2")


def strangers_and_wrong_tokens_are_nobody(module, people):
    for token in ("", "pnl_pat_aaaaaaaaaaaa_" + "a" * 49, "nonsense"):
        wrong = Person(module, token)
        wrong.refused("nobody", "not authenticated", wrong.score)
        wrong.refused("nobody", "not authenticated", wrong.call, "load_model", MODEL)
        wrong.refused("nobody", "not authenticated", wrong.call, "get_model_metadata", MODEL)
        wrong.refused("nobody", "not authenticated", wrong.call, "get_model_repository_index")
    stranger = people["stranger"]
    stranger.refused("nobody", "not valid here", stranger.score)
    stranger.refused("nobody", "not valid here", stranger.call, "unload_model", MODEL)


def each(flow):
    """The flow in both protocols, one after the other."""

    def both(people):
        for module in (http, grpc):
            flow(module, people[module])

    both.__name__ = flow.__name__
    return both


if __name__ == "__main__":
    tokens = dict(zip(("maintainer", "user", "viewer", "stranger"), sys.argv[2:]))
    everybody = {module: {name: Person(module, token) for name, token in tokens.items()} for module in (http, grpc)}
    run(
        [
            each(flow)
            for flow in (
                the_server_itself_is_open,
                who_may_read_sees_metadata_index_statistics_and_configuration,
                who_may_use_it_gets_scores,
                naming_a_version_needs_more_than_use,
                only_a_maintainer_loads_and_unloads,
                what_takes_traffic_is_not_unloaded,
                strangers_and_wrong_tokens_are_nobody,
            )
        ],
        everybody,
    )
