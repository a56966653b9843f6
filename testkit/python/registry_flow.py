"""Runs the official MLflow client against the registry of a server, as teams would, and checks what comes back.

Usage: python registry_flow.py http://127.0.0.1:PORT [FLOW...]
"""

from flow import NEW, UNIQUE, downloaded, main, model_run, paged, refused

import mlflow


def logged(text="hello"):
    return model_run(f"registry-{UNIQUE}", text)


def models(client):
    name = f"model {UNIQUE} ü"
    made = client.create_registered_model(name, tags={"team": "a"}, description="first")
    assert made.name == name and made.tags == {"team": "a"} and made.description == "first"
    refused("RESOURCE_ALREADY_EXISTS", lambda: client.create_registered_model(name))
    refused("INVALID_PARAMETER_VALUE", lambda: client.create_registered_model("a/b"))
    client.update_registered_model(name, description="second")
    client.set_registered_model_tag(name, "k", "v")
    client.delete_registered_model_tag(name, "team")
    client.delete_registered_model_tag(name, "absent")
    read = client.get_registered_model(name)
    assert read.description == "second" and read.tags == {"k": "v"}
    client.rename_registered_model(name, name + " 2")
    assert client.get_registered_model(name + " 2").description == "second"
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_registered_model(name))
    client.delete_registered_model(name + " 2")
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_registered_model(name + " 2"))


def versions(client):
    name = f"versions-{UNIQUE}"
    run_id = logged()
    client.create_registered_model(name)
    source = f"{mlflow.get_run(run_id).info.artifact_uri}/model"
    first = client.create_model_version(name, source, run_id=run_id, tags={"k": "v"}, description="d")
    assert (first.version, first.status, first.run_id) == ("1", "READY", run_id), first
    assert first.tags == {"k": "v"} and first.description == "d"
    second = mlflow.register_model(f"runs:/{run_id}/model", name)
    assert int(second.version) == 2 and second.source.endswith("/model"), second.source
    assert downloaded(f"models:/{name}/2/weights.txt") == "hello"
    client.update_model_version(name, "1", description="changed")
    client.set_model_version_tag(name, "1", "x", "y")
    client.delete_model_version_tag(name, "1", "k")
    read = client.get_model_version(name, "1")
    assert read.description == "changed" and read.tags == {"x": "y"}
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.get_model_version(name, "9"))
    for bad in ["file:///etc/passwd", "/etc/passwd", "http://127.0.0.1/x", "s3://b/../x", f"{source}/%2e%2e/x"]:
        refused("INVALID_PARAMETER_VALUE", lambda bad=bad: client.create_model_version(name, bad, run_id=run_id))
    client.delete_model_version(name, "2")
    third = client.create_model_version(name, source, run_id=run_id)
    assert third.version == "3", "the number of a deleted version is not given again"


def aliases(client):
    name = f"aliases-{UNIQUE}"
    run_id = logged("aliased")
    client.create_registered_model(name)
    source = f"{mlflow.get_run(run_id).info.artifact_uri}/model"
    for _ in range(2):
        client.create_model_version(name, source, run_id=run_id)
    client.set_registered_model_alias(name, "best", "1")
    client.set_registered_model_alias(name, "best", "2")
    assert client.get_model_version_by_alias(name, "best").version == "2"
    assert client.get_registered_model(name).aliases == {"best": "2"}
    assert client.get_model_version(name, "2").aliases == ["best"]
    assert downloaded(f"models:/{name}@best/weights.txt") == "aliased"
    for reserved in ["latest", "v1"]:
        refused("INVALID_PARAMETER_VALUE", lambda r=reserved: client.set_registered_model_alias(name, r, "1"))
    client.delete_registered_model_alias(name, "best")
    refused("INVALID_PARAMETER_VALUE", lambda: client.get_model_version_by_alias(name, "best"))


def stages(client):
    name = f"stages-{UNIQUE}"
    client.create_registered_model(name)
    for _ in range(3):
        client.create_model_version(name, "s3://bucket/model")
    client.transition_model_version_stage(name, "1", "Production")
    moved = client.transition_model_version_stage(name, "2", "production", archive_existing_versions=True)
    assert moved.current_stage == "Production"
    assert client.get_model_version(name, "1").current_stage == "Archived"
    newest = {v.current_stage: v.version for v in client.get_latest_versions(name)}
    assert newest == {"None": "3", "Production": "2", "Archived": "1"}, newest
    assert [v.version for v in client.get_latest_versions(name, ["Production"])] == ["2"]
    refused("INVALID_PARAMETER_VALUE", lambda: client.transition_model_version_stage(name, "1", "Prod"))


def search(client):
    for i in range(7):
        client.create_registered_model(f"search-{UNIQUE}-{i}", tags={"parity": "odd" if i % 2 else "even"})
    names = [
        m.name
        for m in paged(
            lambda token: client.search_registered_models(
                f"name LIKE 'search-{UNIQUE}-%'", max_results=3, order_by=["name DESC"], page_token=token
            )
        )
    ]
    assert names == [f"search-{UNIQUE}-{i}" for i in range(6, -1, -1)], names
    odd = client.search_registered_models(f"name ILIKE 'SEARCH-{UNIQUE}%' AND tags.parity = 'odd'")
    assert len(odd) == 3
    name = f"search-{UNIQUE}-0"
    for i in range(11):
        client.create_model_version(name, f"s3://bucket/{i}", tags={"i": str(i)})
    found = client.search_model_versions(f"name = '{name}'", order_by=["version_number ASC"])
    assert [int(v.version) for v in found] == list(range(1, 12))
    found = client.search_model_versions(f"name = '{name}' AND version_number > 9 AND tags.i != '9'")
    assert [v.version for v in found] == ["11"]
    page = client.search_model_versions(f"name = '{name}'", max_results=4)
    assert len(page) == 4 and page.token
    refused("INVALID_PARAMETER_VALUE", lambda: client.search_registered_models("nam = 'x'"))


def copies(client):
    source, target = f"copy-{UNIQUE}-source", f"copy-{UNIQUE}-target"
    run_id = logged("copied")
    mlflow.register_model(f"runs:/{run_id}/model", source)
    copy = client.copy_model_version(f"models:/{source}/1", target)
    assert copy.source == f"models:/{source}/1" and int(copy.version) == 1, copy
    again = client.copy_model_version(f"models:/{target}/1", f"copy-{UNIQUE}-last")
    uri = client.get_model_version_download_uri(again.name, again.version)
    assert uri == client.get_model_version_download_uri(source, "1"), uri
    assert downloaded(f"models:/{again.name}/1/weights.txt") == "copied"


def prompts(client):
    name = f"prompt-{UNIQUE}"
    mlflow.genai.register_prompt(name, "Hello {{who}}", commit_message="first", tags={"tone": "warm"})
    second = mlflow.genai.register_prompt(name, [{"role": "user", "content": "Hi {{who}}"}])
    assert second.version == 2
    assert mlflow.genai.load_prompt(f"prompts:/{name}/1").format(who="Ann") == "Hello Ann"
    mlflow.genai.set_prompt_alias(name, "live", 1)
    assert mlflow.genai.load_prompt(f"prompts:/{name}@live").template == "Hello {{who}}"
    assert name in [p.name for p in mlflow.genai.search_prompts(f"name = '{name}'")]
    assert [m.name for m in client.search_registered_models(f"name = '{name}'")] == []
    client.create_registered_model(f"not-a-{name}")
    refused("RESOURCE_ALREADY_EXISTS", lambda: client.create_registered_model(name))


FLOWS = [models, versions, aliases, stages, search, copies]

if __name__ == "__main__":
    main(FLOWS + [prompts] if NEW else FLOWS)
