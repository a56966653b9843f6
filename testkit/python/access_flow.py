"""Uses the official MLflow client on a server where callers sign in; the client takes who it is from its own variables.

Usage: python access_flow.py http://127.0.0.1:PORT FLOW...
The flow viewer reads what RUN and MODEL name and tries to change it; workspace is run with MLFLOW_WORKSPACE.
"""

import os
import sys
import time
import uuid

os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

import mlflow  # noqa: E402
from mlflow.tracking import MlflowClient  # noqa: E402

UNIQUE = uuid.uuid4().hex[:8]


def refused(status, work):
    try:
        work()
    except Exception as error:  # artifacts come with an error of their own
        response = getattr(error, "response", None)
        got = response.status_code if response is not None else error.get_http_status_code()
        assert got == status, f"{got} where {status} was expected: {error}"
        return str(error)
    raise AssertionError(f"was accepted, but {status} was expected")


def logged():
    mlflow.set_experiment(f"access-{UNIQUE}")
    with mlflow.start_run() as run:
        mlflow.log_metric("accuracy", 0.5)
        mlflow.log_text("flavors: {}\nartifact_path: model\nutc_time_created: '2026-01-01'\n", "model/MLmodel")
        mlflow.log_text("hello", "model/weights.txt")
    return run.info.run_id


def contributor(client):
    """Logs, reads its own file back and registers a model."""
    run_id = logged()
    assert client.get_run(run_id).data.metrics == {"accuracy": 0.5}
    with open(mlflow.artifacts.download_artifacts(f"runs:/{run_id}/model/weights.txt")) as file:
        assert file.read() == "hello"
    version = mlflow.register_model(f"runs:/{run_id}/model", f"access-{UNIQUE}")
    assert int(version.version) == 1, version
    with open(mlflow.artifacts.download_artifacts(f"models:/{version.name}/1") + "/weights.txt") as file:
        assert file.read() == "hello"
    client.set_registered_model_alias(version.name, "live", "1")
    assert client.get_model_version_by_alias(version.name, "live").version == "1"


def viewer(client):
    """Reads everything and changes nothing."""
    run_id, name = os.environ["RUN"], os.environ["MODEL"]
    run = client.get_run(run_id)
    assert [r.info.run_id for r in client.search_runs([run.info.experiment_id])] == [run_id]
    with open(mlflow.artifacts.download_artifacts(f"runs:/{run_id}/model/weights.txt")) as file:
        assert file.read() == "hello"
    client.get_registered_model(name)
    refused(403, lambda: client.create_experiment(f"viewer-{UNIQUE}"))
    refused(403, lambda: client.create_run(run.info.experiment_id))
    refused(403, lambda: client.log_metric(run_id, "accuracy", 1.0))
    refused(403, lambda: client.set_tag(run_id, "a", "b"))
    refused(403, lambda: client.log_text(run_id, "changed", "model/weights.txt"))
    refused(403, lambda: client.create_registered_model(f"viewer-{UNIQUE}"))
    refused(403, lambda: client.set_registered_model_alias(name, "live", "1"))
    refused(403, lambda: client.delete_registered_model(name))
    with open(mlflow.artifacts.download_artifacts(f"runs:/{run_id}/model/weights.txt")) as file:
        assert file.read() == "hello", "the refused file was stored"


def nobody(client):
    refused(401, lambda: client.search_experiments())
    refused(401, lambda: client.create_experiment(f"nobody-{UNIQUE}"))


def workspace(client):
    """Logs into the workspace that MLFLOW_WORKSPACE names, and registers there."""
    run_id = logged()
    with open(mlflow.artifacts.download_artifacts(f"runs:/{run_id}/model/weights.txt")) as file:
        assert file.read() == "hello"
    experiment = client.get_experiment_by_name(f"access-{UNIQUE}")
    assert experiment.workspace == os.environ["MLFLOW_WORKSPACE"], experiment
    mlflow.register_model(f"runs:/{run_id}/model", f"access-{UNIQUE}")
    assert os.environ["MLFLOW_WORKSPACE"] in [w.name for w in mlflow.list_workspaces()]
    mlflow.set_workspace("default")
    assert client.get_experiment_by_name(f"access-{UNIQUE}") is None
    refused(404, lambda: client.get_run(run_id))
    refused(404, lambda: client.get_registered_model(f"access-{UNIQUE}"))


def main():
    mlflow.set_tracking_uri(sys.argv[1])
    client = MlflowClient()
    flows = [flow for flow in [contributor, viewer, nobody, workspace] if flow.__name__ in sys.argv[2:]]
    for flow in flows:
        start = time.perf_counter()
        flow(client)
        print(f"ok {flow.__name__} {time.perf_counter() - start:.2f} s", flush=True)
    print(f"{len(flows)} flows passed with mlflow {mlflow.__version__}")


if __name__ == "__main__":
    main()
