"""What the flows share: a client that does not try again, names that nobody else has, refusals, pages, and a report at the end."""

import os
import sys
import time
import uuid
import warnings

os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
warnings.simplefilter("ignore")

import mlflow  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402
from mlflow.tracking import MlflowClient  # noqa: E402

UNIQUE = uuid.uuid4().hex[:8]
NEW = int(mlflow.__version__.split(".")[0]) >= 3


def refused(code, work):
    """Runs what must be refused with an error code of MLflow; gives back the message."""
    try:
        work()
    except MlflowException as error:
        assert error.error_code == code, f"{error.error_code} where {code} was expected: {error}"
        return str(error)
    raise AssertionError(f"was accepted, but {code} was expected")


def refused_by_status(status, work):
    """Runs what must be refused with a status; artifacts come with an error of their own, so there is no code."""
    try:
        work()
    except Exception as error:
        response = getattr(error, "response", None)
        got = response.status_code if response is not None else error.get_http_status_code()
        assert got == status, f"{got} where {status} was expected: {error}"
        return str(error)
    raise AssertionError(f"was accepted, but {status} was expected")


def paged(search):
    """Everything that a search gives, page after page; it takes the token of a page."""
    found, token = [], None
    while True:
        page = search(token)
        found += page
        token = page.token
        if not token:
            return found


def model_run(experiment, text="hello"):
    """A run that keeps a model-like folder; no flavour is needed to register and download it."""
    mlflow.set_experiment(experiment)
    with mlflow.start_run() as run:
        mlflow.log_metric("accuracy", 0.5)
        mlflow.log_text("flavors: {}\nartifact_path: model\nutc_time_created: '2026-01-01'\n", "model/MLmodel")
        mlflow.log_text(text, "model/weights.txt")
    return run.info.run_id


def downloaded(uri):
    """The text of a file that is downloaded."""
    with open(mlflow.artifacts.download_artifacts(uri)) as file:
        return file.read()


def main(flows):
    """Runs the flows that the command line names behind the address, or all, and says how many passed."""
    mlflow.set_tracking_uri(sys.argv[1])
    client = MlflowClient()
    wanted = [flow for flow in flows if not sys.argv[2:] or flow.__name__ in sys.argv[2:]]
    for flow in wanted:
        start = time.perf_counter()
        flow(client)
        print(f"ok {flow.__name__} {time.perf_counter() - start:.2f} s", flush=True)
    print(f"{len(wanted)} flows passed with mlflow {mlflow.__version__}")
