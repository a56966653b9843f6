"""Logs two versions of a small XGBoost model with MLflow's client and registers them: what people have who come from MLflow.

The library is not needed: one tree is written by hand, as XGBoost 3 writes it. Usage: deploy_flow.py URL
"""

import json
import pathlib
import sys
import tempfile

import mlflow
import pandas as pd
from mlflow.models import Model, infer_signature

NAME = "Iris flowers"


def booster(low, high):
    """Petals below 0.5 score low, others high."""
    tree = {
        "left_children": [1, -1, -1],
        "right_children": [2, -1, -1],
        "split_indices": [0, 0, 0],
        "split_conditions": [0.5, low, high],
        "default_left": [0, 0, 0],
        "split_type": [0, 0, 0],
        "categories": [],
        "categories_nodes": [],
        "categories_segments": [],
        "categories_sizes": [],
    }
    return {
        "learner": {
            "attributes": {},
            "feature_names": ["petal", "leaves"],
            "feature_types": ["float", "int"],
            "gradient_booster": {
                "model": {
                    "gbtree_model_param": {"num_parallel_tree": "1", "num_trees": "1"},
                    "iteration_indptr": [0, 1],
                    "tree_info": [0],
                    "trees": [tree],
                },
                "name": "gbtree",
            },
            "learner_model_param": {"base_score": "0E0", "num_class": "0", "num_feature": "2", "num_target": "1"},
            "objective": {"name": "reg:squarederror"},
        },
        "version": [3, 2, 0],
    }


def log(low, high):
    example = pd.DataFrame({"petal": [0.25], "leaves": [3]})
    with mlflow.start_run() as run, tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        model = Model(run_id=run.info.run_id, signature=infer_signature(example, pd.Series([low])))
        model.add_flavor("xgboost", data="model.json", model_format="json", xgb_version="3.2.0")
        model.add_flavor("python_function", loader_module="mlflow.xgboost", data="model.json", python_version="3.11.7")
        model.save(str(place / "MLmodel"))
        (place / "model.json").write_text(json.dumps(booster(low, high)))
        split = example.to_dict(orient="split", index=False)
        (place / "serving_input_example.json").write_text(json.dumps({"dataframe_split": split}))
        mlflow.log_artifacts(folder, "model")
    mlflow.register_model(f"runs:/{run.info.run_id}/model", NAME)


mlflow.set_tracking_uri(sys.argv[1])
log(-1.0, 1.0)
log(-2.0, 2.0)
print("2 versions registered")
