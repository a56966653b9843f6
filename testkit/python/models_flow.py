"""Trains, logs and loads scikit-learn models with the official MLflow client, of version 2 or 3, as a training script would.

Usage: python models_flow.py http://127.0.0.1:PORT [FLOW ...]
"""

import json
import os
import tempfile

from flow import NEW, UNIQUE, main

import mlflow
import numpy as np
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

# The default of version 3 needs a package of its own; pickled models load everywhere.
PICKLED = {"serialization_format": "cloudpickle"}


def data():
    random = np.random.default_rng(7)
    x = pd.DataFrame(random.normal(size=(200, 3)), columns=["distance", "wind", "hour"])
    y = (x["distance"] + 0.5 * x["wind"] > 0).astype(int)
    return x, y


def log_model(model, name, **more):
    if NEW:
        return mlflow.sklearn.log_model(model, name=name, **PICKLED, **more)
    return mlflow.sklearn.log_model(model, artifact_path=name, **PICKLED, **more)


def same(model, x, uri):
    loaded = mlflow.sklearn.load_model(uri)
    assert (loaded.predict(x) == model.predict(x)).all(), uri
    wrapped = mlflow.pyfunc.load_model(uri)
    assert (wrapped.predict(x) == model.predict(x)).all(), uri
    return wrapped


def logged_and_loaded(client):
    """log_model and load_model as runs:/ and, in version 3, as models:/m-."""
    mlflow.set_experiment(f"models-{UNIQUE}")
    x, y = data()
    model = RandomForestClassifier(n_estimators=5, random_state=1).fit(x, y)
    with mlflow.start_run() as run:
        mlflow.log_metric("accuracy", 0.9)
        info = log_model(model, "forest", signature=infer_signature(x, model.predict(x)), input_example=x.head(2))
        other = log_model(model, "other")
    loaded = same(model, x, f"runs:/{run.info.run_id}/forest")
    assert loaded.metadata.signature.inputs.input_names() == ["distance", "wind", "hour"]
    assert loaded.metadata.run_id == run.info.run_id
    files = sorted(f.path for f in client.list_artifacts(run.info.run_id, "forest"))
    if NEW:
        same(model, x, f"models:/{info.model_id}")
        kept = client.get_logged_model(info.model_id)
        assert str(kept.status) == "READY" and kept.name == "forest" and kept.source_run_id == run.info.run_id
        assert [(m.key, m.value) for m in kept.metrics] == [("accuracy", 0.9)], kept.metrics
        assert [m.value for m in client.get_logged_model(other.model_id).metrics] == [0.9]
        read = client.get_run(run.info.run_id)
        assert [o.model_id for o in read.outputs.model_outputs] == [info.model_id, other.model_id]
    else:
        assert "forest/MLmodel" in files and "forest/model.pkl" in files, files
        assert "forest" in client.get_run(run.info.run_id).data.tags["mlflow.log-model.history"]
    try:
        mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/absent")
        raise AssertionError("a model that is not there was loaded")
    except MlflowException as error:
        assert "absent" in str(error), error


def autologged(client):
    """Autolog of scikit-learn: one model, then a grid search with a parent and its children."""
    experiment = mlflow.set_experiment(f"autolog-{UNIQUE}")
    x, y = data()
    mlflow.sklearn.autolog(log_datasets=True, max_tuning_runs=None, **({"serialization_format": "cloudpickle"}))
    try:
        model = LogisticRegression(C=0.5).fit(x, y)
        first = mlflow.last_active_run().info.run_id
        search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0, 10.0]}, cv=3).fit(x, y)
        second = mlflow.last_active_run().info.run_id
    finally:
        mlflow.sklearn.autolog(disable=True)
    run = client.get_run(first)
    assert run.info.status == "FINISHED" and run.data.params["C"] == "0.5", run.data.params
    assert run.data.metrics["training_score"] == model.score(x, y), run.data.metrics
    assert run.data.tags["estimator_name"] == "LogisticRegression"
    assert len(run.inputs.dataset_inputs) == 1, run.inputs
    same(model, x, f"runs:/{first}/model")
    parent = client.get_run(second)
    assert parent.data.params["best_C"] == str(search.best_params_["C"])
    children = client.search_runs(
        [experiment.experiment_id], f"tags.mlflow.parentRunId = '{second}'", order_by=["params.C ASC"]
    )
    assert [c.data.params["C"] for c in children] == ["0.1", "1.0", "10.0"], children
    same(search, x, f"runs:/{second}/best_estimator")


def searched(client):
    """search_logged_models by everything that it knows, with pages."""
    experiment = mlflow.set_experiment(f"search-models-{UNIQUE}")
    with mlflow.start_run() as run:
        made = [
            mlflow.initialize_logged_model(name=f"m{i}", params={"n": str(i)}, tags={"side": "ab"[i % 2]}, model_type="kind")
            for i in range(5)
        ]
        for i, model in enumerate(made):
            mlflow.log_metric("acc", i / 10, step=i, model_id=model.model_id)
    mlflow.finalize_logged_model(made[4].model_id, "READY")
    mlflow.finalize_logged_model(made[3].model_id, "FAILED")

    def names(filter_string=None, **more):
        found = client.search_logged_models([experiment.experiment_id], filter_string=filter_string, **more)
        return [m.name for m in found]

    assert names() == ["m4", "m3", "m2", "m1", "m0"]
    assert sorted(names("params.n = '2' AND tags.side = 'a'")) == ["m2"]
    assert sorted(names("metrics.acc >= 0.3")) == ["m3", "m4"]
    assert names("status = 'READY'") == ["m4"] and names("attributes.status = 'FAILED'") == ["m3"]
    assert names("name LIKE 'm_' AND model_type = 'kind'", order_by=[{"field_name": "metrics.acc"}]) == [
        "m0",
        "m1",
        "m2",
        "m3",
        "m4",
    ]
    assert names(f"source_run_id = '{run.info.run_id}'", max_results=2) == ["m4", "m3"]
    page = client.search_logged_models([experiment.experiment_id], max_results=3)
    rest = client.search_logged_models([experiment.experiment_id], max_results=3, page_token=page.token)
    assert [m.name for m in page] + [m.name for m in rest] == ["m4", "m3", "m2", "m1", "m0"] and not rest.token
    frame = mlflow.search_logged_models([experiment.experiment_id], filter_string="name = 'm1'")
    assert list(frame["name"]) == ["m1"], frame
    client.set_logged_model_tags(made[0].model_id, {"a/b": "c"})
    assert client.get_logged_model(made[0].model_id).tags["a/b"] == "c"
    client.delete_logged_model_tag(made[0].model_id, "a/b")
    client.log_model_params(made[0].model_id, {f"p{i}": "v" for i in range(250)})
    assert len(client.get_logged_model(made[0].model_id).params) == 251
    client.delete_logged_model(made[0].model_id)
    assert names("name = 'm0'") == []


def log_figure():
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots()
    axes.plot([1, 2, 3])
    mlflow.log_figure(figure, "plots/figure.png")
    mlflow.log_image(np.zeros((4, 4, 3), dtype=np.uint8), "plots/black.png")


def figures_and_tables(client):
    """log_table appends to what is there; log_dict and log_text beside it."""
    mlflow.set_experiment(f"tables-{UNIQUE}")
    with mlflow.start_run() as run:
        mlflow.log_table({"a": [1, 2], "b": ["x", "y"]}, "table.json")
        mlflow.log_table(pd.DataFrame({"a": [3], "b": ["z"]}), "table.json")
        mlflow.log_dict({"k": [1]}, "deep/er/file.yaml")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "figure.svg")
            with open(path, "w") as file:
                file.write("<svg xmlns='http://www.w3.org/2000/svg'/>")
            mlflow.log_artifact(path, "plots")
        if NEW:
            log_figure()
    table = mlflow.load_table("table.json", run_ids=[run.info.run_id])
    assert list(table["a"]) == [1, 2, 3], table
    assert "table.json" in client.get_run(run.info.run_id).data.tags["mlflow.loggedArtifacts"]
    plots = [f.path for f in client.list_artifacts(run.info.run_id, "plots")]
    assert plots == (["plots/black.png", "plots/figure.png"] if NEW else []) + ["plots/figure.svg"], plots
    assert [f.path for f in client.list_artifacts(run.info.run_id, "deep/er")] == ["deep/er/file.yaml"]


def registered(client):
    """The two spellings that need the registry: models:/n/1 and models:/n@a."""
    mlflow.set_experiment(f"registered-{UNIQUE}")
    x, y = data()
    name = f"delays-{UNIQUE}"
    model = RandomForestClassifier(n_estimators=3, random_state=2).fit(x, y)
    with mlflow.start_run() as run:
        log_model(model, "forest", registered_model_name=name)
    client.set_registered_model_alias(name, "best", "1")
    same(model, x, f"models:/{name}/1")
    same(model, x, f"models:/{name}@best")
    again = mlflow.register_model(f"runs:/{run.info.run_id}/forest", name)
    assert again.version == "2" and again.run_id == run.info.run_id
    same(model, x, f"models:/{name}/latest")
    if NEW:
        logged = client.get_logged_model(client.get_run(run.info.run_id).outputs.model_outputs[0].model_id)
        assert [(r["name"], r["version"]) for r in json.loads(logged.tags["mlflow.modelVersions"])][0] == (name, "1")
        copied = client.copy_model_version(f"models:/{name}/1", name + "-copy")
        same(model, x, f"models:/{name}-copy/{copied.version}")


if __name__ == "__main__":
    flows = [logged_and_loaded, autologged, figures_and_tables, registered]
    main(flows + [searched] if NEW else flows)
