"""Runs the official MLflow client against a server, as a training script would, and checks what comes back.

Usage: python tracking_flow.py http://127.0.0.1:PORT [FLOW...]
"""

import math
import os
import tempfile
import time

from flow import NEW, UNIQUE, main, paged, refused

import mlflow
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.data.meta_dataset import MetaDataset
from mlflow.entities import Metric, Param, RunTag, ViewType


def experiments(client):
    name = f"experiments-{UNIQUE}"
    experiment = mlflow.set_experiment(name)
    again = mlflow.set_experiment(name)
    assert again.experiment_id == experiment.experiment_id
    assert experiment.artifact_location.startswith("mlflow-artifacts:/")
    refused("RESOURCE_ALREADY_EXISTS", lambda: client.create_experiment(name))
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_experiment("987654321"))
    client.set_experiment_tag(experiment.experiment_id, "team", "flights")
    found = client.search_experiments(filter_string=f"name = '{name}' AND tags.team = 'flights'")
    assert [e.experiment_id for e in found] == [experiment.experiment_id]
    assert found[0].tags == {"team": "flights"}
    client.rename_experiment(experiment.experiment_id, name + "-renamed")
    assert client.get_experiment_by_name(name) is None
    run = client.create_run(experiment.experiment_id)
    client.delete_experiment(experiment.experiment_id)
    assert client.get_experiment(experiment.experiment_id).lifecycle_stage == "deleted"
    assert client.search_runs([experiment.experiment_id]) == []
    refused("RESOURCE_ALREADY_EXISTS", lambda: client.create_experiment(name + "-renamed"))
    client.restore_experiment(experiment.experiment_id)
    assert [r.info.run_id for r in client.search_runs([experiment.experiment_id])] == [run.info.run_id]
    for i in range(7):
        client.create_experiment(f"paged-{UNIQUE}-{i}")
    names = [
        e.name
        for e in paged(
            lambda token: client.search_experiments(
                filter_string=f"name LIKE 'paged-{UNIQUE}-%'", order_by=["name ASC"], max_results=3, page_token=token
            )
        )
    ]
    assert names == [f"paged-{UNIQUE}-{i}" for i in range(7)], names
    assert client.get_experiment("0").name == "Default"


def nested_runs(client):
    experiment = mlflow.set_experiment(f"nested-{UNIQUE}")
    with mlflow.start_run(run_name="parent") as parent:
        mlflow.log_param("depth", 3)
        mlflow.log_params({"rate": 0.1, "note": ""})
        mlflow.set_tags({"stage": "dev"})
        for fold in range(3):
            with mlflow.start_run(run_name=f"fold {fold}", nested=True):
                mlflow.log_metric("loss", 1.0 / (fold + 1), step=fold)
    read = client.get_run(parent.info.run_id)
    assert read.info.status == "FINISHED" and read.info.end_time >= read.info.start_time
    assert read.info.run_name == "parent"
    assert read.data.params == {"depth": "3", "rate": "0.1", "note": ""}
    assert read.data.tags["stage"] == "dev" and read.data.tags["mlflow.runName"] == "parent"
    children = client.search_runs(
        [experiment.experiment_id],
        filter_string=f"tags.mlflow.parentRunId = '{parent.info.run_id}'",
        order_by=["metrics.loss DESC"],
    )
    assert [c.info.run_name for c in children] == ["fold 0", "fold 1", "fold 2"]
    try:
        with mlflow.start_run() as failing:
            raise ValueError("as wanted")
    except ValueError:
        assert client.get_run(failing.info.run_id).info.status == "FAILED"
    with mlflow.start_run(run_id=parent.info.run_id):
        mlflow.log_metric("late", 1)
    assert client.get_run(parent.info.run_id).data.metrics == {"late": 1.0}
    client.update_run(parent.info.run_id, name="renamed")
    assert client.get_run(parent.info.run_id).data.tags["mlflow.runName"] == "renamed"


def big_batch(client):
    experiment = mlflow.set_experiment(f"batch-{UNIQUE}")
    run = client.create_run(experiment.experiment_id).info.run_id
    now = int(time.time() * 1000)
    client.log_batch(run, metrics=[Metric(f"m{i}", i / 7, now, i) for i in range(1000)])
    client.log_batch(run, metrics=[Metric(f"m{i}", i / 7, now, i) for i in range(1000)])
    metrics = client.get_run(run).data.metrics
    assert len(metrics) == 1000 and metrics["m999"] == 999 / 7
    assert len(client.get_metric_history(run, "m5")) == 1
    many = [Metric("long", float(i), now + i, i) for i in range(26_000)]
    for start in range(0, len(many), 1000):
        client.log_batch(run, metrics=many[start : start + 1000])
    history = client.get_metric_history(run, "long")
    assert [m.step for m in history] == list(range(26_000))
    assert client.get_run(run).data.metrics["long"] == 25_999.0
    refused(
        "INVALID_PARAMETER_VALUE",
        lambda: client.log_batch(run, metrics=[Metric("fine", 1, now, 0), Metric("a//b", 1, now, 0)]),
    )
    assert "fine" not in client.get_run(run).data.metrics
    assert client.get_metric_history(run, "absent") == []


def unusual_numbers(client):
    experiment = mlflow.set_experiment(f"numbers-{UNIQUE}")
    runs = {}
    for name, value in [("nan", math.nan), ("up", math.inf), ("down", -math.inf), ("one", 1.0), ("none", None)]:
        run = client.create_run(experiment.experiment_id, run_name=name).info.run_id
        runs[name] = run
        if value is not None:
            client.log_batch(run, metrics=[Metric("x", value, 5, 1)])
            read = client.get_run(run).data.metrics["x"]
            assert read == value or (math.isnan(read) and math.isnan(value)), (read, value)
            assert len(client.get_metric_history(run, "x")) == 1
    names = lambda order: [  # noqa: E731
        r.info.run_name for r in client.search_runs([experiment.experiment_id], order_by=[order])
    ]
    assert names("metrics.x ASC") == ["down", "one", "up", "nan", "none"], names("metrics.x ASC")
    assert names("metrics.x DESC") == ["up", "one", "down", "nan", "none"], names("metrics.x DESC")
    client.log_metric(runs["one"], "latest", 1, timestamp=10, step=2)
    client.log_metric(runs["one"], "latest", 9, timestamp=99, step=1)
    assert client.get_run(runs["one"]).data.metrics["latest"] == 1.0
    client.log_metric(runs["one"], "back", 3, timestamp=10, step=-5)
    assert client.get_metric_history(runs["one"], "back")[0].step == -5


def origins(client):
    experiment = mlflow.set_experiment(f"origins-{UNIQUE}")
    run = client.create_run(experiment.experiment_id).info.run_id
    client.log_metric(run, "acc", 0.9, step=1, model_id="m-" + "0" * 32, dataset_name="flights", dataset_digest="abc")
    client.log_batch(run, metrics=[Metric("acc", 0.8, 5, 0, model_id="m-1"), Metric("acc", 0.7, 4, 0)])
    seen = [(m.value, m.model_id, m.dataset_name) for m in client.get_metric_history(run, "acc")]
    assert seen == [(0.7, None, None), (0.8, "m-1", None), (0.9, "m-" + "0" * 32, "flights")], seen
    assert client.get_run(run).data.metrics == {"acc": 0.9}


def params_and_tags(client):
    experiment = mlflow.set_experiment(f"params-{UNIQUE}")
    run = client.create_run(experiment.experiment_id).info.run_id
    client.log_param(run, "lr", 0.1)
    client.log_param(run, "lr", 0.1)
    message = refused("INVALID_PARAMETER_VALUE", lambda: client.log_param(run, "lr", 0.2))
    assert "Changing param values is not allowed" in message, message
    refused("INVALID_PARAMETER_VALUE", lambda: client.log_batch(run, params=[Param("p", "1"), Param("p", "1")]))
    assert client.get_run(run).data.params == {"lr": "0.1"}
    client.set_tag(run, "a/b c", "first")
    client.set_tag(run, "a/b c", "second")
    assert client.get_run(run).data.tags["a/b c"] == "second"
    client.delete_tag(run, "a/b c")
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.delete_tag(run, "a/b c"))
    client.log_batch(run, tags=[RunTag("t", "x" * 8000)])
    client.delete_run(run)
    refused("INVALID_PARAMETER_VALUE", lambda: client.log_metric(run, "m", 1))
    assert client.search_runs([experiment.experiment_id]) == []
    assert len(client.search_runs([experiment.experiment_id], run_view_type=ViewType.DELETED_ONLY)) == 1
    client.restore_run(run)
    assert client.get_run(run).info.lifecycle_stage == "active"


def datasets(client):
    experiment = mlflow.set_experiment(f"datasets-{UNIQUE}")
    dataset = MetaDataset(CodeDatasetSource({"mlflow.source.name": "flow"}), name="flights", digest="abc123")
    with mlflow.start_run() as run:
        mlflow.log_input(dataset, context="training")
    with mlflow.start_run():
        mlflow.log_metric("m", 1)
    inputs = client.get_run(run.info.run_id).inputs.dataset_inputs
    assert [(i.dataset.name, i.dataset.digest) for i in inputs] == [("flights", "abc123")]
    assert [(t.key, t.value) for t in inputs[0].tags] == [("mlflow.data.context", "training")]
    for clause in ["dataset.name = 'flights'", "datasets.digest LIKE 'abc%'", "dataset.context IN ('training', 'x')"]:
        found = client.search_runs([experiment.experiment_id], filter_string=clause)
        assert [r.info.run_id for r in found] == [run.info.run_id], clause


def search(client):
    experiment = mlflow.set_experiment(f"search-{UNIQUE}")
    ids = []
    for i in range(10):
        run = client.create_run(experiment.experiment_id, start_time=1000, run_name=f"Run {i}").info.run_id
        client.log_batch(
            run,
            metrics=[Metric("acc", i / 10, 1, 0), Metric("log-loss", 1 - i / 10, 1, 0)],
            params=[Param("kind", "Linear" if i % 2 else "tree"), Param("n", str(i))],
            tags=[RunTag("team", "a" if i < 5 else "b")],
        )
        ids.append(run)
    client.set_terminated(ids[9], "FAILED", end_time=2000)

    def names(filter_string, order=None):
        found = client.search_runs([experiment.experiment_id], filter_string, order_by=order or ["params.n ASC"])
        return [int(r.data.params["n"]) for r in found]

    assert names("metrics.acc > 0.75") == [8, 9]
    assert names("metrics.`log-loss` <= 0.25 AND tags.team = 'b'") == [8, 9]
    assert names("params.kind = 'tree' and metrics.acc < 0.5") == [0, 2, 4]
    assert names("params.kind LIKE 'lin%'") == []
    assert names("params.kind ILIKE 'lin%'") == [1, 3, 5, 7, 9]
    assert names("params.kind LIKE 'L_near'") == [1, 3, 5, 7, 9]
    assert names("params.absent != 'x'") == []
    assert names("params.absent IS NULL AND tags.team IS NOT NULL AND metrics.acc = 0.3") == [3]
    assert names("attributes.status = 'FAILED'") == [9]
    assert names("run_name = 'Run 4'") == [4]
    assert names("attributes.`run name` LIKE 'Run _'") == list(range(10))
    assert names(f"attributes.run_id IN ('{ids[2]}', '{ids[7]}')") == [2, 7]
    assert names(f"run_id NOT IN ('{ids[2]}') AND metrics.acc <= 0.3") == [0, 1, 3]
    assert names("attributes.start_time = 1000 AND end_time >= 2000") == [9]
    assert names("", ["metrics.acc DESC"]) == list(range(9, -1, -1))
    assert names("", ["tags.team DESC", "metrics.acc ASC"]) == [5, 6, 7, 8, 9, 0, 1, 2, 3, 4]
    assert names("params.n = '1' OR (params.n = '2' AND NOT metrics.acc > 0.5)") == [1, 2]
    for bad in ["metrics.acc > 'x'", "params.n = 3", "acc = 1", "params.n = '1' OR", "status = FAILED"]:
        refused("INVALID_PARAMETER_VALUE", lambda bad=bad: names(bad))
    pages = paged(lambda token: client.search_runs([experiment.experiment_id], max_results=3, page_token=token))
    assert [r.info.run_id for r in pages] == sorted(ids), "runs of one start time come by id, on every page once"


def artifacts(client):
    mlflow.set_experiment(f"artifacts-{UNIQUE}")
    with mlflow.start_run() as run:
        mlflow.log_text("hello", "notes/hello world.txt")
        mlflow.log_dict({"a": 1}, "config.json")
        mlflow.log_text("", "empty.txt")
        mlflow.log_text("first", "over.txt")
        mlflow.log_text("second", "over.txt")
        with tempfile.TemporaryDirectory() as folder:
            for name in ["100%.bin", "a+b.bin", "größe.bin"]:
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(os.urandom(100_000))
            mlflow.log_artifacts(folder, "files")
            with tempfile.TemporaryDirectory() as target:
                read = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="files", dst_path=target)
                for name in os.listdir(folder):
                    with open(os.path.join(folder, name), "rb") as a, open(os.path.join(read, name), "rb") as b:
                        assert a.read() == b.read(), name
    listed = client.list_artifacts(run.info.run_id)
    assert [(f.path, f.is_dir) for f in listed] == [
        ("config.json", False),
        ("empty.txt", False),
        ("files", True),
        ("notes", True),
        ("over.txt", False),
    ], listed
    assert mlflow.artifacts.load_text(f"{run.info.artifact_uri}/notes/hello world.txt") == "hello"
    assert mlflow.artifacts.load_text(f"{run.info.artifact_uri}/over.txt") == "second"
    assert mlflow.artifacts.load_text(f"{run.info.artifact_uri}/empty.txt") == ""


def traces_are_not_here(client):
    """A server without traces says so with the code on which clients give up quietly; a traced function still works."""
    refused("ENDPOINT_NOT_FOUND", lambda: client.search_traces(["0"]))
    mlflow.set_experiment(f"traces-{UNIQUE}")
    assert mlflow.trace(lambda x: x + 1)(1) == 2


FLOWS = [experiments, nested_runs, big_batch, unusual_numbers, params_and_tags, datasets, search, artifacts, traces_are_not_here]

if __name__ == "__main__":
    main(FLOWS + [origins] if NEW else FLOWS)
