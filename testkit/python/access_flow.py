"""Uses the official MLflow client on a server where callers sign in; the client takes who it is from its own variables.

Usage: python access_flow.py http://127.0.0.1:PORT FLOW...
The flow viewer reads what RUN and MODEL name and tries to change it; workspace is run with MLFLOW_WORKSPACE.
"""

import os

from flow import UNIQUE, downloaded, main, model_run
from flow import refused_by_status as refused

import mlflow


def logged():
    return model_run(f"access-{UNIQUE}")


def contributor(client):
    """Logs, reads its own file back and registers a model."""
    run_id = logged()
    assert client.get_run(run_id).data.metrics == {"accuracy": 0.5}
    assert downloaded(f"runs:/{run_id}/model/weights.txt") == "hello"
    version = mlflow.register_model(f"runs:/{run_id}/model", f"access-{UNIQUE}")
    assert int(version.version) == 1, version
    assert downloaded(f"models:/{version.name}/1/weights.txt") == "hello"
    client.set_registered_model_alias(version.name, "live", "1")
    assert client.get_model_version_by_alias(version.name, "live").version == "1"


def viewer(client):
    """Reads everything and changes nothing."""
    run_id, name = os.environ["RUN"], os.environ["MODEL"]
    run = client.get_run(run_id)
    assert [r.info.run_id for r in client.search_runs([run.info.experiment_id])] == [run_id]
    assert downloaded(f"runs:/{run_id}/model/weights.txt") == "hello"
    client.get_registered_model(name)
    refused(403, lambda: client.create_experiment(f"viewer-{UNIQUE}"))
    refused(403, lambda: client.create_run(run.info.experiment_id))
    refused(403, lambda: client.log_metric(run_id, "accuracy", 1.0))
    refused(403, lambda: client.set_tag(run_id, "a", "b"))
    refused(403, lambda: client.log_text(run_id, "changed", "model/weights.txt"))
    refused(403, lambda: client.create_registered_model(f"viewer-{UNIQUE}"))
    refused(403, lambda: client.set_registered_model_alias(name, "live", "1"))
    refused(403, lambda: client.delete_registered_model(name))
    assert downloaded(f"runs:/{run_id}/model/weights.txt") == "hello", "the refused file was stored"


def nobody(client):
    refused(401, lambda: client.search_experiments())
    refused(401, lambda: client.create_experiment(f"nobody-{UNIQUE}"))


def workspace(client):
    """Logs into the workspace that MLFLOW_WORKSPACE names, and registers there."""
    run_id = logged()
    assert downloaded(f"runs:/{run_id}/model/weights.txt") == "hello"
    experiment = client.get_experiment_by_name(f"access-{UNIQUE}")
    assert experiment.workspace == os.environ["MLFLOW_WORKSPACE"], experiment
    mlflow.register_model(f"runs:/{run_id}/model", f"access-{UNIQUE}")
    assert os.environ["MLFLOW_WORKSPACE"] in [w.name for w in mlflow.list_workspaces()]
    mlflow.set_workspace("default")
    assert client.get_experiment_by_name(f"access-{UNIQUE}") is None
    refused(404, lambda: client.get_run(run_id))
    refused(404, lambda: client.get_registered_model(f"access-{UNIQUE}"))


if __name__ == "__main__":
    main([contributor, viewer, nobody, workspace])
