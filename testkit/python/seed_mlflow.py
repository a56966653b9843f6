"""Fills a running MLflow server for the tests of the import: argument 1 its address, argument 2 its SQLite file, argument 3 the number of runs.

What is odd goes through MLflow's own client; the many plain runs go straight into the tables, because through the client they would take
minutes.
"""
import math
import sqlite3
import sys
import tempfile
from pathlib import Path

import mlflow
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag
from mlflow.tracking import MlflowClient

address, database, many = sys.argv[1], sys.argv[2], int(sys.argv[3])
mlflow.set_tracking_uri(address)
client = MlflowClient()

odd = client.create_experiment("odd ones", tags={"team": "größe"})
run = client.create_run(odd, start_time=1000, run_name="full", tags={"mlflow.user": "ann", "note": "a 'quote' and \"two\""}).info.run_id
client.log_batch(run, [Metric("long", 1.0 / (i + 1), 1000 + i, i) for i in range(1000)], [Param("rate", "0.1"), Param("ünïcode", "ä")], [])
for part in range(1, 30):
    client.log_batch(run, [Metric("long", 1.0 / (i + 1), 1000 + i, i) for i in range(1000 * part, 1000 * part + 1000)], [], [])
client.log_batch(
    run,
    [Metric("odd", math.nan, 5, 0), Metric("odd", math.inf, 5, 1), Metric("odd", -math.inf, 5, 2), Metric("odd", 1e-300, 5, -3),
     Metric("a/b c", 2.5, 5, 0)],
    [], [])
client.log_inputs(run, [DatasetInput(Dataset("flights", "d1", "code", "here", schema="{}"), [InputTag("mlflow.data.context", "train")])])
with tempfile.TemporaryDirectory() as folder:
    (Path(folder) / "in/deep er").mkdir(parents=True)
    (Path(folder) / "in/deep er/ä b.bin").write_bytes(bytes(range(256)) * 4096)
    (Path(folder) / "empty.txt").write_bytes(b"")
    (Path(folder) / "note.txt").write_text("hello")
    client.log_artifacts(run, folder)
client.set_terminated(run, "FAILED", 2000)
gone = client.create_run(odd, start_time=1001, run_name="put away").info.run_id
client.delete_run(gone)

deleted = client.create_experiment("put away")
client.create_run(deleted, start_time=1002, run_name="inside")
client.delete_experiment(deleted)

client.create_run("0", start_time=1003, run_name="in the one that every server has")

model = client.create_logged_model(odd, name="risk", source_run_id=run, tags={"team": "größe"}, params={"depth": "3"}, model_type="tree").model_id
with tempfile.TemporaryDirectory() as folder:
    (Path(folder) / "data").mkdir()
    (Path(folder) / "MLmodel").write_text("flavors: {}\n")
    (Path(folder) / "data/weights.bin").write_bytes(bytes(range(256)) * 1000)
    client.log_model_artifacts(model, folder)
client.log_metric(run, "auc", 0.75, timestamp=7, step=1, model_id=model, dataset_name="flights", dataset_digest="d1")
client.log_metric(run, "auc", 0.5, timestamp=8, step=2, model_id=model)
client.finalize_logged_model(model, "READY")
client.create_logged_model(odd, name="unfinished")

risk = "risk's \"best\" ü"
client.create_registered_model(risk, tags={"team": "a", "b c": ""}, description="tells the risk")
client.create_model_version(risk, f"models:/{model}", run_id=run, model_id=model, tags={"k": "v"}, description="the first")
client.create_model_version(risk, "s3://bucket/gone")
client.create_model_version(risk, f"{client.get_run(run).info.artifact_uri}/in", run_id=run, run_link="http://old/run")
client.create_model_version(risk, "s3://bucket/elsewhere")
client.delete_model_version(risk, "2")
client.set_registered_model_alias(risk, "champion", "1")
client.set_registered_model_alias(risk, "next-one", "4")
client.transition_model_version_stage(risk, "3", "Production")
client.create_registered_model("without versions")
client.register_prompt("greeting", "Hello {{name}}", commit_message="first")
client.register_prompt("greeting", "Good day {{name}}", tags={"lang": "en"})
client.set_prompt_alias("greeting", "live", 1)

full = client.create_experiment("many runs")
with sqlite3.connect(database, timeout=60) as db:
    for n in range(many):
        id = f"{n:032x}"
        db.execute(
            "insert into runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time,"
            " source_version, lifecycle_stage, artifact_uri, experiment_id) values (?, ?, 'UNKNOWN', '', '', 'bob', 'FINISHED', ?, ?, '',"
            " 'active', ?, ?)",
            (id, f"run-{n}", 10_000 + n, 20_000 + n, f"mlflow-artifacts:/{full}/{id}/artifacts", int(full)))
        for key in ("acc", "loss"):
            for step in range(3):
                db.execute("insert into metrics (key, value, timestamp, run_uuid, step, is_nan) values (?, ?, ?, ?, ?, 0)",
                           (key, n / 7 + step, 10_000 + step, id, step))
            db.execute("insert into latest_metrics (key, value, timestamp, run_uuid, step, is_nan) values (?, ?, ?, ?, 2, 0)",
                       (key, n / 7 + 2, 10_002, id))
        db.execute("insert into params (key, value, run_uuid) values ('depth', ?, ?)", (str(n % 9), id))
        db.execute("insert into tags (key, value, run_uuid) values ('mlflow.runName', ?, ?)", (f"run-{n}", id))
print(run)
