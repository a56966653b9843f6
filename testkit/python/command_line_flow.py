"""Runs MLflow's command line against a server, as people do in a shell: with the tracking address in its variable and nothing else.

Usage: python command_line_flow.py http://127.0.0.1:PORT [FLOW...]
One command runs as a program of its own; the others run in this process, through the same entry point, because each start costs seconds.
"""

import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile

os.environ["MLFLOW_TRACKING_URI"] = sys.argv[1]

from flow import UNIQUE, main  # noqa: E402

from click.testing import CliRunner  # noqa: E402
from mlflow.cli import cli  # noqa: E402


def run(*command, code=0):
    """What a command prints."""
    result = CliRunner().invoke(cli, list(command))
    said = result.output + (str(result.exception) if result.exception else "")
    assert result.exit_code == code, f"mlflow {' '.join(command)} ended with {result.exit_code}: {said}"
    return said


def answer(*command):
    """The JSON that a command prints, behind what the client says of runs."""
    said = run(*command)
    return json.loads(said[said.index("{") :])


def experiment(name):
    return re.search(r"with id (\d+)", run("experiments", "create", "-n", name)).group(1)


def a_program_of_its_own(client):
    program = os.path.join(os.path.dirname(sys.executable), "mlflow")
    said = subprocess.run([program, "experiments", "search"], capture_output=True, text=True, timeout=120, check=True).stdout
    assert re.search(r"^0 +Default +mlflow-artifacts:/0", said, re.MULTILINE), said


def experiments(client):
    name = f"line-{UNIQUE}"
    made = experiment(name)
    assert "RESOURCE_ALREADY_EXISTS" in run("experiments", "create", "-n", name, code=1)
    assert client.get_experiment(made).name == name
    assert answer("experiments", "get", "--experiment-name", name, "--output", "json")["experiment_id"] == made
    assert name in run("experiments", "search")
    run("experiments", "rename", "-x", made, "--new-name", name + "-2")
    assert client.get_experiment(made).name == name + "-2"
    run("experiments", "delete", "-x", made)
    assert name not in run("experiments", "search")
    assert name + "-2" in run("experiments", "search", "--view", "deleted_only")
    assert "RESOURCE_DOES_NOT_EXIST" in run("experiments", "delete", "-x", made, code=1)
    run("experiments", "restore", "-x", made)
    assert name + "-2" in run("experiments", "search", "--view", "all", "--max-results", "1000")
    assert "RESOURCE_DOES_NOT_EXIST" in run("experiments", "rename", "-x", "987654", "--new-name", "x", code=1)


def experiment_as_csv(client):
    made = experiment(f"csv-{UNIQUE}")
    logged = client.create_run(made, run_name="Größe, \"quoted\"").info.run_id
    client.log_param(logged, "rate", "0,1")
    client.log_metric(logged, "loss", 0.25)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "runs.csv")
        run("experiments", "csv", "-x", made, "-o", path)
        with open(path, newline="") as file:
            rows = list(csv.DictReader(file))
    assert [(r["run_id"], r["params.rate"], r["metrics.loss"]) for r in rows] == [(logged, "0,1", "0.25")], rows
    assert rows[0]["tags.mlflow.runName"] == "Größe, \"quoted\""
    printed = list(csv.DictReader(io.StringIO(run("experiments", "csv", "-x", made))))
    assert [r["run_id"] for r in printed] == [logged], printed


def runs(client):
    made = experiment(f"runs-{UNIQUE}")
    first = answer("runs", "create", "--experiment-id", made, "--run-name", "first", "--tags", "team=a", "--status", "FAILED")
    assert client.get_run(first["run_id"]).info.status == "FAILED"
    client.log_metric(first["run_id"], "loss", 0.5)
    described = answer("runs", "describe", "--run-id", first["run_id"])
    assert described["info"]["run_name"] == "first" and described["data"]["metrics"] == {"loss": 0.5}, described
    assert described["data"]["tags"]["team"] == "a"
    assert first["run_id"] in run("runs", "list", "--experiment-id", made)
    run("runs", "delete", "--run-id", first["run_id"])
    assert first["run_id"] not in run("runs", "list", "--experiment-id", made)
    assert first["run_id"] in run("runs", "list", "--experiment-id", made, "--view", "deleted_only")
    run("runs", "restore", "--run-id", first["run_id"])
    assert first["run_id"] in run("runs", "list", "--experiment-id", made, "--view", "all")
    assert "RESOURCE_DOES_NOT_EXIST" in run("runs", "describe", "--run-id", "0" * 32, code=1)
    assert "RESOURCE_DOES_NOT_EXIST" in run("runs", "delete", "--run-id", "0" * 32, code=1)


def artifacts(client):
    logged = client.create_run("0").info.run_id
    with tempfile.TemporaryDirectory() as folder:
        one, many = os.path.join(folder, "größe 1%.txt"), os.path.join(folder, "many")
        os.makedirs(os.path.join(many, "below"))
        for path in [one, os.path.join(many, "a"), os.path.join(many, "below", "b")]:
            with open(path, "w") as file:
                file.write(os.path.basename(path))
        run("artifacts", "log-artifact", "-l", one, "-r", logged, "-a", "in here")
        run("artifacts", "log-artifacts", "-l", many, "-r", logged)
        listed = run("artifacts", "list", "-r", logged)
        assert [f["path"] for f in json.loads(listed)] == ["a", "below", "in here"], listed
        listed = run("artifacts", "list", "-r", logged, "-a", "in here")
        assert [(f["path"], f["file_size"]) for f in json.loads(listed)] == [("in here/größe 1%.txt", 14)], listed
        there = os.path.join(folder, "there")
        run("artifacts", "download", "-r", logged, "-d", there)
        for path in ["a", "below/b", "in here/größe 1%.txt"]:
            with open(os.path.join(there, path)) as file:
                assert file.read() == os.path.basename(path)
        run("artifacts", "download", "-u", f"runs:/{logged}/below/b", "-d", os.path.join(folder, "again"))
        assert os.path.exists(os.path.join(folder, "again", "b"))


def registered_models(client):
    """Downloads a version of the registry by its number and by its alias."""
    logged = client.create_run("0").info.run_id
    client.log_text(logged, "flavors: {}\n", "model/MLmodel")
    name = f"line-{UNIQUE}"
    client.create_registered_model(name)
    client.create_model_version(name, f"runs:/{logged}/model", run_id=logged)
    client.set_registered_model_alias(name, "live", "1")
    with tempfile.TemporaryDirectory() as folder:
        for place, uri in [("n", f"models:/{name}/1"), ("a", f"models:/{name}@live")]:
            run("artifacts", "download", "-u", uri, "-d", os.path.join(folder, place))
            assert os.path.exists(os.path.join(folder, place, "MLmodel")), os.listdir(folder)


def what_is_not_here(client):
    """Commands of what this server does not have end with the code that says so, at once."""
    assert "ENDPOINT_NOT_FOUND" in run("traces", "search", "-x", "0", code=1)


if __name__ == "__main__":
    main([a_program_of_its_own, experiments, experiment_as_csv, runs, artifacts, registered_models, what_is_not_here])
