"""Makes the models beside this file and what the libraries themselves predict for rows that are hard to get right.

Run with a Python that has xgboost-cpu 3.2.0 and lightgbm 4.7.0 (numpy, pandas, scikit-learn); with xgboost-cpu 2.1.4 and the word
"old" it makes the two models of that version only. Everything is seeded.
"""
import json
import pathlib
import sys

import numpy as np

HERE = pathlib.Path(__file__).parent
WIDTH, CATEGORIES, TRAIN, ROWS = 6, {4: 5, 5: 40}, 1500, 350
FIXTURES = []


def table(rng, rows):
    x = rng.normal(size=(rows, WIDTH)).round(3)
    x[rng.random(x.shape) < 0.1] = 0.0
    for column, known in CATEGORIES.items():
        x[:, column] = rng.integers(0, known, rows)
    x[rng.random(x.shape) < 0.08] = np.nan
    return x


def labels(rng, x, effects):
    z = np.nan_to_num(x[:, :4]) @ np.array([0.8, -0.5, 0.3, 0.9]) + 0.4 * np.nan_to_num(x[:, 0] * x[:, 1])
    return z + effects[np.nan_to_num(x[:, 5]).astype(int)] + 0.3 * rng.normal(size=len(x))


RNG = np.random.default_rng(7)
EFFECTS = RNG.normal(size=40)
X = table(RNG, TRAIN)
Z = labels(RNG, X, EFFECTS)
BINARY = (Z > 0.2).astype(float)
POSITIVE = np.exp(Z / 2)
CLASSES = np.digitize(Z, [-0.8, 0, 0.8]).astype(float)


def hard(thresholds, floats):
    """Rows around the thresholds: exact, one step beside in float and in double, zeroes, denormals, extremes, unseen categories."""
    rng = np.random.default_rng(99)
    x = table(rng, ROWS)
    odd = [0.0, -0.0, 1e-45, -1e-45, 5e-324, 1e-36, -1e-36, 1e-35, -1e-35, 1.0000000180025095e-35, 3e38, -3e38, 1e-20]
    if not floats:
        odd += [1e300, -1e300, np.inf, -np.inf]
    for row in range(ROWS):
        for column in range(4):
            pick = rng.integers(0, 8)
            cuts = thresholds.get(column, [0.0])
            cut = cuts[rng.integers(0, len(cuts))]
            if pick == 0:
                x[row, column] = cut
            elif pick == 1:
                x[row, column] = np.nextafter(cut, -np.inf)
            elif pick == 2:
                x[row, column] = np.nextafter(cut, np.inf)
            elif pick == 3:
                x[row, column] = float(np.nextafter(np.float32(cut), np.float32(-np.inf)))
            elif pick == 4:
                x[row, column] = odd[rng.integers(0, len(odd))]
        for column, known in CATEGORIES.items():
            if rng.integers(0, 8) == 0:
                codes = [known, known + 1, known + 31, 1e6] + ([] if floats else [-1.0, -0.5, 0.5, 1.5, 1e12])
                x[row, column] = codes[rng.integers(0, len(codes))]
    return x


def number(value):
    value = float(value)
    if np.isnan(value):
        return "NaN"
    return repr(value).replace("inf", "Infinity")


def write(name, matrix):
    matrix = np.asarray(matrix, dtype=np.float64).reshape(len(matrix), -1)
    text = "\n".join(",".join(number(v) for v in row) for row in matrix)
    (HERE / name).write_text(text + "\n")


def fixture(name, form, rows, expected):
    write(name + ".expected.csv", expected)
    FIXTURES.append({"file": name, "format": form, "rows": rows, "expected": name + ".expected.csv"})


def xgboost_models(prefix):
    import xgboost as xgb

    kinds = ["q"] * 4 + ["c"] * 2
    made = []

    def data(x, label=None):
        return xgb.DMatrix(x, label=label, feature_types=kinds, enable_categorical=True)

    def train(name, label, rounds=8, forms=("ubj",), prepare=lambda d: d, **parameters):
        matrix = prepare(data(X, label))
        booster = xgb.train({"max_depth": 4, "eta": 0.3, "seed": 1, "nthread": 1, **parameters}, matrix, rounds)
        made.append((name, booster, forms, lambda x, b=booster: b.predict(data(x))))
        return booster

    def groups(matrix):
        matrix.set_group([100] * (TRAIN // 100))
        return matrix

    def bounds(matrix):
        matrix.set_float_info("label_lower_bound", POSITIVE)
        matrix.set_float_info("label_upper_bound", POSITIVE * 1.5)
        return matrix

    if prefix == "xgboost-2.1":
        train("logistic", BINARY, objective="binary:logistic", base_score=0.3, forms=("json",))
        train("softprob", CLASSES, 3, objective="multi:softprob", num_class=4, forms=("json", "ubj"))
    else:
        train("squared", Z * 100 + 1000, objective="reg:squarederror")
        train("logistic", BINARY, 20, objective="binary:logistic", forms=("json", "ubj"))
        train("logitraw", BINARY, objective="binary:logitraw", base_score=0.3)
        train("hinge", BINARY, objective="binary:hinge")
        train("poisson", POSITIVE.round(), objective="count:poisson")
        train("gamma", POSITIVE, objective="reg:gamma")
        train("tweedie", POSITIVE, objective="reg:tweedie", tweedie_variance_power=1.3)
        train("cox", POSITIVE, objective="survival:cox")
        train("aft", POSITIVE, objective="survival:aft", prepare=bounds)
        train("quantile", Z, objective="reg:quantileerror", quantile_alpha=0.7)
        train("absolute", Z, objective="reg:absoluteerror")
        train("huber", Z, objective="reg:pseudohubererror")
        train("squared-log", POSITIVE, objective="reg:squaredlogerror")
        train("ndcg", CLASSES, objective="rank:ndcg", prepare=groups)
        train("pairwise", CLASSES, objective="rank:pairwise", prepare=groups)
        train("softprob", CLASSES, 4, objective="multi:softprob", num_class=4, forms=("json", "ubj"))
        train("softmax", CLASSES, 3, objective="multi:softmax", num_class=4)
        train("forest", BINARY, 1, objective="binary:logistic", num_parallel_tree=9, subsample=0.6, eta=1)
        train("forest-classes", CLASSES, 2, objective="multi:softprob", num_class=4, num_parallel_tree=3, subsample=0.6)
        train("dart", BINARY, objective="binary:logistic", booster="dart", rate_drop=0.4, forms=("json", "ubj"))
        train("dart-classes", CLASSES, 4, objective="multi:softprob", num_class=4, booster="dart", rate_drop=0.4)
        train("one-hot", BINARY, objective="binary:logistic", max_cat_to_onehot=50)
        train("pruned", BINARY, objective="binary:logistic", gamma=4.0, max_depth=7)
        train("roots", BINARY, 3, objective="binary:logistic", min_child_weight=1e9)
        train("deep", Z, 3, objective="reg:squarederror", grow_policy="lossguide", max_depth=0, max_leaves=120, eta=1)
        early(xgb, data, made)
    cuts = {}
    for _, booster, _, _ in made:
        for tree in json.loads(booster.save_raw("json"))["learner"]["gradient_booster"].get("model", {}).get("trees", []):
            for left, kind, feature, cut in zip(
                tree["left_children"], tree["split_type"], tree["split_indices"], tree["split_conditions"]
            ):
                if left >= 0 and kind == 0:
                    cuts.setdefault(feature, []).append(cut)
    rows = hard(cuts, True)
    write(prefix + ".rows.csv", rows)
    for name, booster, forms, predict in made:
        for form in forms:
            file = prefix + "-" + name + "." + form
            (HERE / file).write_bytes(bytes(booster.save_raw(form)))
            fixture(file, "xgboost-" + form, prefix + ".rows.csv", predict(rows))


def early(xgb, data, made):
    """The same early stopping twice: a booster predicts with all its trees, scikit-learn's class with the best iteration only."""
    rng = np.random.default_rng(5)
    noise = rng.integers(0, 2, TRAIN).astype(float)
    half = TRAIN // 2
    parameters = {"objective": "binary:logistic", "max_depth": 3, "eta": 0.6, "seed": 1, "nthread": 1}
    booster = xgb.train(
        parameters,
        data(X[:half], noise[:half]),
        30,
        evals=[(data(X[half:], noise[half:]), "rest")],
        early_stopping_rounds=4,
        verbose_eval=False,
    )
    made.append(("early-booster", booster, ("ubj",), lambda x: booster.predict(data(x))))
    model = xgb.XGBClassifier(
        n_estimators=30, max_depth=3, learning_rate=0.6, early_stopping_rounds=4, n_jobs=1, random_state=1
    )
    model.fit(X[:half, :4], CLASSES[:half], eval_set=[(X[half:, :4], CLASSES[half:][::-1])], verbose=False)
    wide = xgb.XGBClassifier(
        n_estimators=30,
        max_depth=3,
        learning_rate=0.6,
        early_stopping_rounds=4,
        n_jobs=1,
        random_state=1,
        enable_categorical=True,
        feature_types=["q"] * 4 + ["c"] * 2,
    )
    wide.fit(X[:half], CLASSES[:half], eval_set=[(X[half:], CLASSES[half:][::-1])], verbose=False)
    path = HERE / "scratch.ubj"
    wide.save_model(path)
    loaded = xgb.Booster(model_file=path)
    path.unlink()
    assert wide.best_iteration + 1 < loaded.num_boosted_rounds()
    made.append(("early-scikit", loaded, ("ubj",), wide.predict_proba))


def lightgbm_models():
    import lightgbm as lgb
    import pandas as pd

    made = []

    def train(name, label, rounds=8, x=X, **parameters):
        dataset = lgb.Dataset(
            x,
            label=label,
            categorical_feature=[4, 5],
            params={"min_data_per_group": 5, "max_cat_to_onehot": 4, "cat_smooth": 1.0, "verbose": -1},
            group=[100] * (TRAIN // 100) if "rank" in parameters["objective"] else None,
        )
        base = {"num_leaves": 12, "learning_rate": 0.2, "seed": 1, "num_threads": 1, "verbose": -1, "deterministic": True}
        booster = lgb.train({**base, **parameters}, dataset, rounds)
        made.append((name, booster, booster.predict))

    share = 1 / (1 + np.exp(-Z))
    train("regression", Z * 100 + 1000, objective="regression")
    train("sqrt", Z * 10, objective="regression", reg_sqrt=True)
    train("l1", Z, objective="regression_l1")
    train("huber", Z, objective="huber")
    train("fair", Z, objective="fair")
    train("quantile", Z, objective="quantile", alpha=0.7)
    train("mape", POSITIVE, objective="mape")
    train("poisson", POSITIVE.round(), objective="poisson")
    train("gamma", POSITIVE, objective="gamma")
    train("tweedie", POSITIVE, objective="tweedie")
    train("binary", BINARY, 20, objective="binary", sigmoid=0.7)
    train("cross-entropy", share, objective="cross_entropy")
    train("cross-entropy-lambda", share, objective="cross_entropy_lambda")
    train("multiclass", CLASSES, 4, objective="multiclass", num_class=4)
    train("ova", CLASSES, 4, objective="multiclassova", num_class=4, sigmoid=1.5)
    train("lambdarank", CLASSES, objective="lambdarank")
    train("xendcg", CLASSES, objective="rank_xendcg")
    sampled = {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}
    train("forest-binary", BINARY, objective="binary", **sampled)
    train("forest-regression", Z, objective="regression", **sampled)
    train("forest-classes", CLASSES, 3, objective="multiclass", num_class=4, **sampled)
    train("dart", BINARY, objective="binary", boosting="dart", drop_rate=0.5)
    train("zero-missing", BINARY, objective="binary", zero_as_missing=True)
    train("no-missing", BINARY, objective="binary", use_missing=False)
    train("complete", BINARY, objective="binary", x=np.nan_to_num(X))
    train("roots", Z, 3, objective="regression", min_data_in_leaf=2000)
    train("deep", Z, 3, objective="regression", num_leaves=150, min_data_in_leaf=1, min_sum_hessian_in_leaf=0.0)
    custom = lgb.train(
        {"objective": lambda p, d: (p - d.get_label(), np.ones_like(p)), "num_leaves": 8, "verbose": -1, "num_threads": 1},
        lgb.Dataset(X, label=Z),
        4,
    )
    made.append(("custom", custom, custom.predict))
    cuts = {}
    for _, booster, _ in made:
        for tree in booster.dump_model()["tree_info"]:
            gather(tree["tree_structure"], cuts)
    rows = hard(cuts, False)
    write("lightgbm-4.7.rows.csv", rows)
    for name, booster, predict in made:
        file = "lightgbm-4.7-" + name + ".txt"
        (HERE / file).write_text(booster.model_to_string())
        fixture(file, "lightgbm-text", "lightgbm-4.7.rows.csv", predict(rows))
    frame(lgb, pd)


def refused():
    """What our evaluator must refuse by name."""
    import lightgbm as lgb
    import xgboost as xgb

    small = {"max_depth": 2, "nthread": 1, "verbosity": 0}
    two = xgb.DMatrix(X[:, :WIDTH], label=np.stack([Z, -Z], 1))

    def save(name, booster):
        (HERE / ("refused-" + name)).write_bytes(bytes(booster.save_raw(name.split(".")[1])))

    save("linear.json", xgb.train({**small, "booster": "gblinear"}, xgb.DMatrix(np.nan_to_num(X), label=Z), 2))
    save("targets.json", xgb.train(small, two, 2))
    save("vectors.ubj", xgb.train({**small, "multi_strategy": "multi_output_tree"}, two, 2))
    linear = {"objective": "regression", "num_leaves": 4, "verbose": -1, "linear_tree": True, "num_threads": 1}
    booster = lgb.train(linear, lgb.Dataset(X, label=Z, params={"verbose": -1, "linear_tree": True}), 2)
    (HERE / "refused-linear-leaves.txt").write_text(booster.model_to_string())


def gather(node, cuts):
    if "threshold" in node:
        if node["decision_type"] == "<=":
            cuts.setdefault(node["split_feature"], []).append(node["threshold"])
        gather(node["left_child"], cuts)
        gather(node["right_child"], cuts)


def frame(lgb, pd):
    """Trained from a data frame: the files themselves have the texts of the categories."""
    import xgboost as xgb

    columns = {"f %d" % i: X[:, i] for i in range(4)}
    for column, known in CATEGORIES.items():
        texts = pd.Series(["v%d" % v if v == v else None for v in X[:, column]], dtype="category")
        columns["f %d" % column] = texts.cat.set_categories(["v%d" % i for i in range(known)])
    data = pd.DataFrame(columns)
    dataset = lgb.Dataset(data, label=BINARY, params={"min_data_per_group": 5, "cat_smooth": 1.0, "verbose": -1})
    booster = lgb.train({"objective": "binary", "num_leaves": 12, "seed": 1, "num_threads": 1, "verbose": -1}, dataset, 8)
    (HERE / "lightgbm-4.7-frame.txt").write_text(booster.model_to_string())
    write("frame.rows.csv", X[:150])
    write("lightgbm-4.7-frame.expected.csv", booster.predict(data[:150]))
    matrix = xgb.DMatrix(data, label=BINARY, enable_categorical=True)
    booster = xgb.train({"objective": "binary:logistic", "max_depth": 4, "seed": 1, "nthread": 1}, matrix, 6)
    for form in ("json", "ubj"):
        (HERE / ("xgboost-3.2-frame." + form)).write_bytes(bytes(booster.save_raw(form)))
    write("xgboost-3.2-frame.expected.csv", booster.predict(xgb.DMatrix(data[:150], enable_categorical=True)))


if sys.argv[1:] == ["old"]:
    xgboost_models("xgboost-2.1")
else:
    xgboost_models("xgboost-3.2")
    lightgbm_models()
    refused()
known = HERE / "fixtures.json"
others = json.loads(known.read_text()) if known.exists() else []
names = {f["file"] for f in FIXTURES}
every = sorted([f for f in others if f["file"] not in names] + FIXTURES, key=lambda f: f["file"])
known.write_text("[\n" + ",\n".join("  " + json.dumps(f) for f in every) + "\n]\n")
