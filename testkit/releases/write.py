"""Writes the database that a release leaves behind, for the tests that open it with later programs.

Starts the server of a packaged program, lets it live a little (experiments, runs, files, things put away, the first days of the example
with a trained model, a decision and predictions), ends it and keeps its data: the SQLite file, or a dump of PostgreSQL; the ledger's key,
small blobs, and the facts that a later program must find again.

Usage: write.py DIST COMMIT OUT [--database-url jdbc:postgresql://HOST:PORT/NAME --user USER]
Example: git worktree add /tmp/release v1 && cd /tmp/release && ./perennial --version && cd -
         python3 testkit/releases/write.py /tmp/release/target/dist $(git -C /tmp/release rev-parse --short HEAD) testkit/releases
"""

import argparse
import datetime
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
import zipfile

SMALL_BLOB_BYTES = 20_000
ROOT = pathlib.Path(__file__).resolve().parents[2]


class Server:
    def __init__(self, dist, data, database):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        properties = {"data-dir": data, "port": port, "dist": dist, **database}
        command = ["java", "-Xmx512m", "--enable-native-access=ALL-UNNAMED"]
        command += [f"-Dperennial.{name}={value}" for name, value in properties.items()]
        self.data = data
        self.process = subprocess.Popen(
            command + ["-jar", str(dist / "server" / "quarkus-run.jar")], stdout=open(data.parent / "server.log", "w")
        )
        self.wait("the server", lambda: self.ask("GET", "/api/status")["ready"])

    def ask(self, method, path, body=None):
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        headers = {} if isinstance(body, bytes) else {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text.startswith(b"{") else text

    def mlflow(self, call, **body):
        return self.ask("POST", "/api/2.0/mlflow/" + call, body)

    def wait(self, what, condition):
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            try:
                if condition():
                    return
            except OSError:
                pass
            time.sleep(0.3)
        raise SystemExit(f"{what} did not come")

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        for kept in self.data.glob("*/*/pid"):
            subprocess.run(["kill", "-9", kept.read_text().split()[0]], check=False, stderr=subprocess.DEVNULL)


def log(server):
    experiment = server.mlflow("experiments/create", name="harbour", tags=[{"key": "team", "value": "blue"}])["experiment_id"]
    gone = server.mlflow("experiments/create", name="sunken")["experiment_id"]
    runs = {}
    for name, home in (("first", experiment), ("second", experiment), ("wrong", experiment), ("below", gone)):
        run = server.mlflow("runs/create", experiment_id=home, run_name=name, start_time=1_700_000_000_000)["run"]["info"]["run_id"]
        runs[name] = run
        points = [{"key": "loss", "value": 1 / (step + 1), "timestamp": 1_700_000_000_000 + step, "step": step} for step in range(30)]
        points += [{"key": "odd", "value": value, "timestamp": 1_700_000_000_000, "step": 0} for value in ("NaN", "Infinity")]
        server.mlflow(
            "runs/log-batch",
            run_id=run,
            metrics=points,
            params=[{"key": "depth", "value": "7"}, {"key": "größe", "value": "mittel"}],
            tags=[{"key": "colour", "value": name}],
        )
        server.ask("PUT", f"/api/2.0/mlflow-artifacts/artifacts/{home}/{run}/artifacts/notes/{name}.txt", f"notes of {name}\n".encode())
    server.mlflow(
        "runs/log-inputs",
        run_id=runs["first"],
        datasets=[{"dataset": {"name": "ships", "digest": "a1b2", "source_type": "local", "source": "{}"}, "tags": []}],
    )
    server.mlflow("runs/update", run_id=runs["first"], status="FINISHED", end_time=1_700_000_100_000)
    server.mlflow("runs/delete", run_id=runs["wrong"])
    server.mlflow("experiments/delete", experiment_id=gone)
    return {"experiment": experiment, "deletedExperiment": gone, "runs": runs}


def live(server, examples):
    folder = examples / "flight-delay"
    six = lambda day: int(datetime.datetime(2013, 4, day, 10, tzinfo=datetime.timezone.utc).timestamp() * 1000)
    lifecycle = folder / "lifecycle.yaml"
    model = "flight-delay@release"
    server.ask(
        "POST",
        "/api/replays",
        {
            "name": "release",
            "text": lifecycle.read_text().replace("one-in: 4", "one-in: 40"),
            "path": str(lifecycle),
            "from": six(1),
            "to": six(4),
            "loop": True,
        },
    )
    server.wait("the end of the replay", lambda: server.ask("GET", "/api/replays/release")["state"] in ("DONE", "ENDED", "COMPLETED"))
    path = "/api/models/" + urllib.parse.quote(model)
    return {
        "model": model,
        "versions": len(server.ask("GET", path + "/versions")["items"]),
        "decisions": len(server.ask("GET", path + "/decisions")["items"]),
    }


def keep(work, out, facts, database_url, user):
    data = work / "data"
    kind = "postgres" if database_url else "sqlite"
    target = out / facts["commit"]
    target.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target / f"{kind}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in ("ledger.pub", "keys/ledger.key"):
            archive.write(data / name, name)
        for blob in sorted(data.glob("blobs/??/*")):
            if blob.stat().st_size <= SMALL_BLOB_BYTES:
                archive.write(blob, blob.relative_to(data))
        if database_url:
            host = urllib.parse.urlparse(database_url.removeprefix("jdbc:"))
            dump = ["pg_dump", "-h", host.hostname, "-p", str(host.port), "-U", user, "--inserts", "--no-owner", host.path[1:]]
            archive.writestr("dump.sql", subprocess.run(dump, check=True, capture_output=True).stdout)
        else:
            archive.write(data / "perennial.db", "perennial.db")
    (target / f"{kind}.json").write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
    print(target / f"{kind}.zip", (target / f"{kind}.zip").stat().st_size, "bytes")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dist", type=pathlib.Path)
    parser.add_argument("commit")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--database-url")
    parser.add_argument("--user", default="")
    asked = parser.parse_args()
    database = {"database-url": asked.database_url, "database-user": asked.user} if asked.database_url else {}
    with tempfile.TemporaryDirectory(prefix="release") as folder:
        work = pathlib.Path(folder)
        (work / "data").mkdir()
        shutil.copytree(ROOT / "examples", work / "examples")
        server = Server(asked.dist.resolve(), work / "data", database)
        try:
            facts = {"commit": asked.commit, **log(server), **live(server, work / "examples")}
            facts["ledgerEntries"] = int(server.ask("GET", "/api/ledger")["entries"])
        finally:
            server.end()
        keep(work, asked.out, facts, asked.database_url, asked.user)


main()
