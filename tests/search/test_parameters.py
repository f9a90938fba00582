"""What an estimator does not take is found before the first trial."""

from typing import Any

import pytest
from hydra.utils import instantiate
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from xgboost import XGBClassifier

from dge_experiments.errors import BadInput
from dge_experiments.search.parameters import check
from dge_experiments.search.space import parse
from given import settings


@pytest.mark.parametrize(
    ("estimator", "space", "message"),
    [
        (
            LogisticRegression(),
            {"max_ite": {"choices": [1]}},
            "model.space.max_ite: LogisticRegression has no such parameter, did",
        ),
        (
            LogisticRegression(C=-1),
            {},
            "model.estimator: The 'C' parameter of LogisticRegression must be a float",
        ),
        (LogisticRegression(), {"C": {"low": -1, "high": 2}}, "model.space.C.low=-1: The 'C' parameter"),
        (
            SVC(),
            {"kernel": {"choices": ["rbf", "rfb"]}},
            "model.space.kernel.choices=rfb: The 'kernel' parameter",
        ),
        (
            RandomForestClassifier(),
            {"n_estimators": {"low": 0, "high": 9}},
            "model.space.n_estimators.low=0: The 'n_e",
        ),
        (
            RandomForestClassifier(),
            {"max_features": {"low": 0.5, "high": 1.5}},
            "model.space.max_features.high=1.5:",
        ),
        (RandomForestClassifier(max_depth="deep"), {}, "model.estimator: The 'max_depth' parameter"),
        (XGBClassifier(max_depth=-1), {}, "model.estimator: value -1 for Parameter max_depth"),
        (
            XGBClassifier(),
            {"subsample": {"low": 0.5, "high": 2}},
            "model.space.subsample.high=2: value 2 for Param",
        ),
        (
            XGBClassifier(),
            {"n_estimators": {"low": -3, "high": 9}},
            "model.space.n_estimators.low=-3: n_estimators=-3",
        ),
        (XGBClassifier(max_dept=3), {}, 'model.estimator: Parameters: { "max_dept" } are not used'),
    ],
    ids=lambda value: value.split(":")[0] if isinstance(value, str) else "",
)
def test_what_it_does_not_take_is_refused_by_its_key(
    estimator: Any, space: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadInput) as error:
        check(parse(space), estimator)
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_what_depends_on_the_data_is_left_to_the_trials() -> None:
    check(parse({"n_neighbors": {"low": 1, "high": 5000}}), KNeighborsClassifier())


@pytest.mark.parametrize(
    "model", ["dummy", "logistic_regression", "lasso", "svm", "random_forest", "xgboost", "ranking"]
)
def test_every_model_of_conf_takes_its_own_space(model: str) -> None:
    given = settings(f"model={model}").model
    check(parse(given.space), instantiate(given.estimator))
