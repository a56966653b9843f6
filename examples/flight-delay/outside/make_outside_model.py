"""Makes outside.onnx and outside.model.json: a good model of somebody else, with a mistake that no offline test of ours can see.

    pip install scikit-learn onnx onnxruntime pandas pyarrow
    python3 make_outside_model.py

Its manifest claims that it saw outcomes known by 26 August 2013. In truth it saw every flight up to the morning of 9 September, also the
days on which Perennial judges it, and so it looks better than the champion. Perennial cannot prove either; that is why a model from
outside needs a person who vouches for it.

Beside the 21 features it uses the late rate by band of air pressure. The table of bands ends at the lowest pressure of the four weeks before
the training. The training code moves lower pressures into the last band; the exported graph forgets to, so that ONNX Runtime answers such
a row with an error ("indices element out of data bounds"). The next such pressures come with the front of 12 and 13 September 2013.
"""
import json
import os
import pathlib

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import onnx
import onnxruntime
import pandas as pd
from onnx import TensorProto, helper, numpy_helper
from sklearn.ensemble import HistGradientBoostingClassifier

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent / "data"
ZONE = "America/New_York"
CLAIMED = pd.Timestamp("2013-08-26 06:00", tz=ZONE)
KNOWN_BY = pd.Timestamp("2013-09-09 06:00", tz=ZONE)
CATEGORIES = ["carrier", "origin", "dest"]
REPORT = ["temp_f", "dewpoint_f", "humidity_pct", "wind_dir_deg", "wind_speed_mph", "wind_gust_mph", "precip_in", "pressure_mb",
          "visibility_mi"]
RATES = [("origin_late_1d", "origin", 1), ("origin_late_7d", "origin", 7), ("carrier_late_7d", "carrier", 7), ("dest_late_7d", "dest", 7)]
COLUMNS = (CATEGORIES + ["day_of_week", "distance_mi", "sched_min_of_day"] + REPORT + ["prev_dep_delay"] + [name for name, _, _ in RATES]
           + ["origin_dep_delay_2h"])
HIGHEST, STEP, CALM = 1044.0, 0.5, 1016.0  # millibar: where bands begin, their width, and what stands for an unknown pressure


def flights_with_features():
    f = pd.read_parquet(DATA / "flights.parquet")
    f["date"] = pd.to_datetime(f.flight_date)
    f["t"] = f.event_time - pd.Timedelta(hours=2)
    f["sched_min_of_day"] = f.local_hour.astype(int) * 60 + f.local_minute
    f = f.sort_values("t", kind="stable").reset_index(drop=True)

    w = pd.read_parquet(DATA / "weather.parquet").sort_values("available_at")
    w = w[~(w.wind_speed_mph > 150)].fillna({"wind_gust_mph": 0})
    f = pd.merge_asof(f, w[["origin", "available_at", *REPORT]], left_on="t", right_on="available_at", by="origin",
                      tolerance=pd.Timedelta(hours=6))

    wall = f.t.dt.tz_convert(ZONE).dt.tz_localize(None)
    f["newest"] = (wall - pd.Timedelta(hours=6)).dt.normalize() - pd.Timedelta(days=1)  # the last date whose outcomes are published
    label_day = f.label_time.dt.tz_convert(ZONE).dt.tz_localize(None).dt.normalize()
    counted = f[f.late.notna() & ((label_day - f.date).dt.days <= 1)].assign(late=lambda rows: rows.late.astype(float))
    dates = pd.date_range(f.date.min(), f.date.max())
    for name, key, days in RATES:
        late, known = (counted.groupby(["date", key]).late.agg(how).unstack().reindex(dates).fillna(0).rolling(days, min_periods=1).sum()
                       for how in ("sum", "count"))
        rate = ((late + 20 * 0.24) / (known + 20)).stack().rename(name)
        f = f.join(rate, on=["newest", key])
        f.loc[f[name].isna() & (f.newest >= dates[0]), name] = 0.24

    gone = f[f.dep_delay_min.notna()][["origin", "tail_number", "event_time", "dep_delay_min"]].astype({"dep_delay_min": float})
    gone["known"] = gone.event_time + pd.to_timedelta(gone.dep_delay_min + 10, unit="min")
    gone = gone.sort_values("known", kind="stable")
    f["origin_dep_delay_2h"] = np.nan
    for origin, departures in gone.groupby("origin"):
        at = f.index[f.origin == origin]
        sums = np.concatenate([[0], departures.dep_delay_min.clip(-10, 180).cumsum()])
        newest = departures.known.searchsorted(f.t[at], "right")
        oldest = departures.known.searchsorted(f.t[at] - pd.Timedelta(hours=2), "right")
        count = newest - oldest
        f.loc[at, "origin_dep_delay_2h"] = np.where(count >= 3, (sums[newest] - sums[oldest]) / np.maximum(count, 1), np.nan)
    own = gone[gone.tail_number.notna()].rename(columns={"dep_delay_min": "prev_dep_delay"})
    with_tail = pd.merge_asof(f[f.tail_number.notna()][["t", "tail_number"]].reset_index(), own[["known", "tail_number", "prev_dep_delay"]],
                              left_on="t", right_on="known", by="tail_number", tolerance=pd.Timedelta(hours=16))
    return f.join(with_tail.set_index("index").prev_dep_delay)


def codes(f, categories):
    """The matrix that Perennial hands to a model with one input: categories as their codes, unseen ones as the code after the last."""
    x = pd.DataFrame({name: f[name].map({value: code for code, value in enumerate(categories[name])}).fillna(len(categories[name]))
                      if name in categories else f[name] for name in COLUMNS})
    return x.to_numpy("float32")


def band(pressure):
    return np.floor((HIGHEST - np.where(np.isnan(pressure), CALM, pressure)) / np.float32(STEP)).astype(int)


def graph(model, table):
    nodes = {name: [] for name in ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids",
                                   "missing_value_tracks_true")}
    leaves = {name: [] for name in ("treeids", "nodeids", "ids", "weights")}
    for tree, (predictor,) in enumerate(model._predictors):
        for number, node in enumerate(predictor.nodes):
            leaf = bool(node["is_leaf"])
            row = (tree, number, 0 if leaf else int(node["feature_idx"]), 0.0 if leaf else float(node["num_threshold"]),
                   "LEAF" if leaf else "BRANCH_LEQ", 0 if leaf else int(node["left"]), 0 if leaf else int(node["right"]),
                   0 if leaf else int(node["missing_go_to_left"]))
            for values, value in zip(nodes.values(), row):
                values.append(value)
            if leaf:
                for values, value in zip(leaves.values(), (tree, number, 0, float(node["value"]))):
                    values.append(value)
    trees = {f"nodes_{name}": values for name, values in nodes.items()} | {f"target_{name}": values for name, values in leaves.items()}
    constants = {"column": np.array([COLUMNS.index("pressure_mb")]), "calm": np.float32(CALM), "highest": np.float32(HIGHEST),
                 "step": np.float32(STEP), "table": table.astype("float32")}
    make = helper.make_node
    steps = [
        make("Gather", ["rows", "column"], ["pressure"], axis=1),
        make("IsNaN", ["pressure"], ["unknown"]),
        make("Where", ["unknown", "calm", "pressure"], ["filled"]),
        make("Sub", ["highest", "filled"], ["below"]),
        make("Div", ["below", "step"], ["steps"]),
        make("Floor", ["steps"], ["floor"]),
        make("Cast", ["floor"], ["band"], to=TensorProto.INT64),
        make("Gather", ["table", "band"], ["band_rate"]),
        make("Concat", ["rows", "band_rate"], ["all"], axis=1),
        make("TreeEnsembleRegressor", ["all"], ["score"], domain="ai.onnx.ml", n_targets=1, post_transform="NONE",
             base_values=[float(model._baseline_prediction.item())], **trees),
        make("Sigmoid", ["score"], ["probability"]),
    ]
    made = helper.make_model(
        helper.make_graph(steps, "outside", [helper.make_tensor_value_info("rows", TensorProto.FLOAT, [None, len(COLUMNS)])],
                          [helper.make_tensor_value_info("probability", TensorProto.FLOAT, [None, 1])],
                          [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)], ir_version=8, producer_name="outside")
    onnx.checker.check_model(made)
    return made.SerializeToString()


def main():
    f = flights_with_features()
    rows = f[f.late.notna() & (f.label_time <= KNOWN_BY)]
    categories = {name: sorted(rows[name].unique()) for name in CATEGORIES}
    x, y = codes(rows, categories), rows.late.astype(int).to_numpy()

    pressure = x[:, COLUMNS.index("pressure_mb")]
    recent = (rows.event_time >= KNOWN_BY - pd.Timedelta(days=28)).to_numpy()
    bands = band(np.nanmin(pressure[recent])) + 1
    used = np.clip(band(pressure), 0, bands - 1)
    table = (np.bincount(used, y, bands) + 50 * y.mean()) / (np.bincount(used, minlength=bands) + 50)
    model = HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=15, learning_rate=0.1, min_samples_leaf=100, l2_regularization=5,
                                           early_stopping=False, random_state=1).fit(np.c_[x, table[used]], y)
    file = graph(model, table)
    (HERE / "outside.onnx").write_bytes(file)

    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    last = x[-1000:]
    scores = session.run(None, {"rows": last})[0][:, 0]
    difference = np.abs(scores - model.predict_proba(np.c_[last, table[used[-1000:]]])[:, 1]).max()
    assert difference < 1e-5, difference
    example = rows.iloc[-1]
    number = lambda value: None if pd.isna(value) else float(np.float32(value))
    manifest = {
        "format": "onnx",
        "signature": [{"name": name, "type": "category" if name in CATEGORIES else "number"} for name in COLUMNS],
        "categories": categories,
        "prior": float(y.mean()),
        "trainedLabelKnownBy": int(CLAIMED.timestamp() * 1000),
        "inputExample": {name: example[name] if name in CATEGORIES else number(example[name]) for name in COLUMNS},
        "outputExample": float(scores[-1]),
    }
    (HERE / "outside.model.json").write_text(json.dumps(manifest, indent=1) + "\n")
    lowest = HIGHEST - bands * STEP
    print(f"{len(rows)} rows, {len(file)} bytes; fails where the pressure is {lowest} mb or lower")


if __name__ == "__main__":
    main()
