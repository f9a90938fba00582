"""The honest score, the calibration, further tables, the whole search: one experiment each, on small tables."""

from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hydra.utils import instantiate
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.leaderboard import boards
from dge_experiments.experiment.plan import prepare
from dge_experiments.experiment.result import Result
from dge_experiments.experiment.run import run
from dge_experiments.prediction.score import Summary
from dge_experiments.report import document
from dge_experiments.report.finished import records
from dge_experiments.report.leaderboard import lines
from dge_experiments.report.metrics import metrics
from dge_experiments.report.records import Frame, Model
from dge_experiments.report.rows import row
from dge_experiments.report.words import scored
from dge_experiments.report.words.board import sentences
from dge_experiments.report.words.findings import verdicts
from dge_experiments.search.study import Stopped
from dge_experiments.tracking import tags as run_tags
from given import limma_table, settings

pytestmark = pytest.mark.slow

SMALL = ["data=table", "model=logistic_regression", "search=none", "explanation=none"]
SMALL += ["split.folds=3", "compute.workers=1"]


def said_of(done: Result) -> list[str]:
    return [sentence.text for sentence in verdicts(done)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tables")
    limma_table().to_csv(made / "a.csv", index=False)
    limma_table(seed=1).to_csv(made / "b.csv", index=False)
    limma_table(seed=2).drop(columns="B").to_csv(made / "short.csv", index=False)
    return made


def made(folder: Path, *overrides: str) -> Result:
    given = settings(*SMALL, f"data.path={folder / 'a.csv'}", *overrides)
    return run(given, prepare(given, instantiate(given.model.estimator)))


def test_the_honest_score_is_that_of_the_same_pipeline_without_the_label_sources(folder: Path) -> None:
    done = made(folder)
    problem = done.plan.problem
    assert problem.leak == ("logFC", "t")
    assert problem.honest == ["AveExpr", "P.Value", "adj.P.Val", "B"]
    X, y = problem.X[problem.honest], problem.labels.y
    train, test = problem.split.train, problem.split.test
    alone = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(X.iloc[train], y[train])
    expected = balanced_accuracy_score(y[test], alone.predict(X.iloc[test]))
    assert "honest" in done.readings
    assert done.readings["honest"].test.scores["balanced_accuracy"] == expected
    values = metrics(done)
    for metric in ("accuracy", "balanced_accuracy", "roc_auc"):
        gap = values[f"test/{metric}"] - values[f"honest/test/{metric}"]
        assert values[f"gap/test/{metric}"] == gap
    assert values["honest/cv/accuracy"] == done.readings["honest"].cv.mean("accuracy")
    assert values["test/accuracy_low"] <= values["test/accuracy"] <= values["test/accuracy_high"]


def test_the_verdict_is_the_leak_and_what_is_left_beside_the_constant_answer(folder: Path) -> None:
    said = said_of(made(folder))
    assert said[0].startswith("LEAK: ") and "logFC" in said[0] and " t " in said[0]
    assert said[1].startswith("Cross-validation, without logFC and t: accuracy ")
    assert "Honest score, without logFC and t: balanced accuracy" in said[1]
    assert "the constant answer (0.500)" in said[1]
    assert "the constant answer, always the most frequent class, is right for" in said[2]
    assert said[3].startswith("As given: balanced accuracy") and "(constant answer 0.500)" in said[3]


def test_without_a_leak_the_verdict_is_the_score_beside_the_constant_answers(folder: Path) -> None:
    said = said_of(made(folder, "features=honest"))
    assert said[0].startswith("No label source was found")
    assert "held-out genes: MCC" in said[1] and said[1].count("(constant answer ") == 2


@pytest.mark.parametrize("override", ["features=honest", "leak.policy=drop"])
def test_without_label_sources_there_is_no_second_score(folder: Path, override: str) -> None:
    done = made(folder, override)
    assert list(done.plan.problem.X.columns) == ["AveExpr", "P.Value", "adj.P.Val", "B"]
    assert "honest" not in done.readings
    assert run_tags.tags(done.settings, done.plan)["leak"] == "none"
    assert not any(key.startswith(("honest/", "gap/")) for key in metrics(done))


def test_policy_fail_refuses(folder: Path) -> None:
    with pytest.raises(BadInput, match="leak.policy=fail: logFC, t among the features"):
        made(folder, "leak.policy=fail")


def test_calibration_gives_an_svm_probabilities_and_leaves_its_search_alone(folder: Path) -> None:
    features = ["features=list", "features.columns=[AveExpr,B,logFC]"]
    plain = made(folder, "model=svm", *features)
    sigmoid = made(folder, "model=svm", "calibration=sigmoid", *features)
    assert "brier" not in plain.given.test.scores
    assert {"brier", "log_loss", "ece"} <= set(sigmoid.given.test.scores)
    assert sigmoid.study.best.folds == plain.study.best.folds
    ranks = [np.argsort(done.given.test.prediction.ranking, kind="stable") for done in (plain, sigmoid)]
    assert np.array_equal(*ranks)
    assert metrics(sigmoid)["test/brier"] == sigmoid.given.test.scores["brier"]
    with pytest.raises(BadInput, match="calibration=platt"):
        made(folder, "calibration=platt")


def test_replication_is_calibrated_by_default(folder: Path) -> None:
    there = f"target.path={folder / 'b.csv'}"
    done = made(folder, "target=replication", there)
    assert (done.settings.calibration, done.settings.threshold) == ("auto", "auto")
    losses = done.given.adjustment.losses
    assert losses[done.given.adjustment.method] == min(losses.values())
    assert type(done.given.model).__name__ == "AdjustedClassifier"
    X, test = done.plan.problem.X, done.plan.problem.split.test
    assert np.array_equal(done.given.model.predict(X.iloc[test]), done.given.test.prediction.predicted)
    assert done.settings.search.scoring == "average_precision"
    # two tables of unrelated noise: the verdict begins with luck, and metrics, tags and records say it
    found = done.plan.problem.labels.replication
    assert found is not None and found.hits is not None and not found.beyond_luck
    assert said_of(done)[0].startswith("Of the first table's hits: nothing replicates beyond luck")
    values = metrics(done)
    assert values["luck/seen"] == found.luck.seen
    assert values["luck/hits/p_value"] == found.hits.p_correlated > 0.05
    assert run_tags.tags(done.settings, done.plan)["beyond_luck"] == "no"
    (frame,) = (r.frame for r in records(done, "") if isinstance(r, Frame) and r.path == "replication.csv")
    assert done.bounds is not None
    chapter = next(c for c in document.report(done).chapters if c.kind == "replication")
    assert [part.title for part in chapter.parts] == [
        "The first genes of the list",
        "Held-out genes to follow up",
        "Genes ordered by one statistic",
        "a and b",
        "Same sign by rank of P",
    ]
    assert any(line.startswith("Of the 40 held-out genes of the highest") for line in said_of(done))
    by = [ranked.by for ranked in done.rankings]
    assert by == ["logFC", "P.Value", "ranks_added", "product", "expected", "AveExpr"]
    assert done.gain is not None and "No gain over the order by" in said_of(done)[1]
    assert values["gain/ranking"] == done.gain.difference
    assert {f"ranking/{name}/test/roc_auc" for name in by} <= set(values)
    assert list(frame) == ["gene", "studies", "agreeing", "logFC b", "P.Value b", "r_value b"]


def test_a_ranking_is_a_model_where_no_label_source_is_read(folder: Path) -> None:
    there = f"target.path={folder / 'b.csv'}"
    done = made(folder, "target=replication", there, "model=ranking", "search=grid")
    assert len(done.study.trials) == 5 and done.gain is None
    assert done.study.best.mean("average_precision") == max(
        r.cv.mean("average_precision") for r in done.rankings if r.by != "AveExpr"
    )
    ordered = done.given.pipeline.predict_proba(done.plan.problem.X)[:, 1]
    assert len(np.unique(ordered)) > 250
    with pytest.raises(BadInput, match="model=ranking: logFC gives the answer of target=direction away"):
        made(folder, "model=ranking")
    with pytest.raises(
        BadInput, match=r"model.estimator.by=P.Value: needs P.Value, and the features are logFC"
    ):
        only = ["features=list", "features.columns=[logFC]", "model.estimator.by=P.Value"]
        made(folder, "target=replication", there, "model=ranking", *only)


def test_further_tables_are_scored_with_labels_of_the_same_rule(folder: Path) -> None:
    done = made(folder, f"evaluation.external=[{folder / 'b.csv'}]")
    there = done.external["b"]
    assert len(there.y) == 300
    assert there.y.sum() == (limma_table(seed=1)["logFC"] > 0).sum()
    values = metrics(done)
    assert values["external/b/accuracy"] == there.scores["accuracy"] > 0.9
    with pytest.raises(BadInput, match="short.csv has no B"):
        made(folder, f"evaluation.external=[{folder / 'short.csv'}]")


def test_nested_and_permuted_searches_see_no_signal_where_there_is_none(folder: Path) -> None:
    noise = ["features=list", "features.columns=[AveExpr]", "search.scoring=balanced_accuracy"]
    done = made(folder, *noise, "evaluation.outer_folds=3", "evaluation.permutations=19")
    assert done.nested is not None and done.null is not None
    assert done.nested.score == pytest.approx(0.5, abs=0.12)
    assert done.null.p_value > 0.05
    assert {"nested/score", "nested/optimism", "null/p_value"} <= set(metrics(done))


SEARCHED = ["search=random", "search.n_trials=4", "model=xgboost"]


def test_under_a_leak_the_honest_score_is_that_of_a_run_without_the_sources(folder: Path) -> None:
    leaky, clean = made(folder, *SEARCHED), made(folder, *SEARCHED, "features=honest")
    again = leaky.own_search
    assert again is not None and len(again.trials) == 4
    assert [trial.folds for trial in again.trials] == [trial.folds for trial in clean.study.trials]
    assert leaky.readings["honest"].test.scores == clean.given.test.scores
    assert leaky.readings["honest"].cv.folds == clean.given.cv.folds
    assert leaky.study.best.candidate != again.best.candidate
    assert any(
        line.startswith("The honest score has its own search, without logFC and t: 4 trials, ")
        for line in said_of(leaky)
    )
    frames = {r.path: r.frame for r in records(leaky, "") if isinstance(r, Frame)}
    assert len(frames["honest/trials.csv"]) == len(frames["trials.csv"]) == 4
    assert metrics(leaky)["honest/search_seconds"] == again.seconds
    assert "the search was repeated without these features" in document.report(leaky).methods
    assert "honest/trials.csv" not in {r.path for r in records(clean, "") if isinstance(r, Frame)}


def test_the_honest_score_of_the_same_parameters_where_that_is_asked_for(folder: Path) -> None:
    seen: list[str] = []
    given = settings(*SMALL, f"data.path={folder / 'a.csv'}", *SEARCHED, "leak.search=same")
    plan = prepare(given, instantiate(given.model.estimator))
    done = run(given, plan, lambda reading, trial: seen.append(reading))
    assert seen == ["as given"] * 4 + ["honest"]
    assert done.own_search is None
    parameters = done.readings["honest"].pipeline[-1].get_params()
    assert done.study.best.candidate.items() <= parameters.items()
    assert any("of the parameters that were chosen with logFC and t" in line for line in said_of(done))
    assert "of the same parameters without these features" in document.report(done).methods


def test_a_search_that_is_stopped_while_it_is_honest_leaves_the_trials_as_given(folder: Path) -> None:
    given = settings(*SMALL, f"data.path={folder / 'a.csv'}", *SEARCHED, "search.batch=2")
    plan, seen = prepare(given, instantiate(given.model.estimator)), []
    with pytest.raises(Stopped) as stopped:
        stop = nullcontext(lambda: "honest" in seen)
        run(given, plan, lambda reading, trial: seen.append(reading), stopping=stop)
    assert seen.count("honest") == 2
    assert len(stopped.value.study.trials) == 4


def test_without_a_candidate_that_can_be_fitted_there_is_no_honest_score(folder: Path) -> None:
    table = limma_table(genes=600)
    hit = (table["AveExpr"] > 8) ^ (np.arange(600) % 25 == 0)
    table.assign(hit=np.where(hit, "yes", "no")).to_csv(folder / "order.csv", index=False)
    by = ["model=ranking", "model.estimator.by=AveExpr", "search=none"]
    again = ["evaluation.outer_folds=3", "evaluation.permutations=19"]
    done = made(
        folder, *by, *again, f"data.path={folder / 'order.csv'}", "target=column", "target.column=hit"
    )
    assert set(done.readings) == {"as given"} and done.nested is done.null is None
    said = said_of(done)
    assert "without AveExpr: no candidate could be fitted" in said[1]
    for what in ("Permutation test", "Nested cross-validation"):
        assert any(
            f"{what}, without AveExpr: not possible, no candidate could be fitted" in line for line in said
        )
    assert not [name for name in metrics(done) if "nested" in name or "null" in name]
    assert "bias-corrected" not in said[1] and document.report(done).title


def test_under_a_leak_nested_and_permuted_searches_are_of_the_honest_features(folder: Path) -> None:
    done = made(folder, "evaluation.outer_folds=3", "evaluation.permutations=19")
    assert done.plan.problem.leak == ("logFC", "t")
    assert done.nested is not None and done.nested.score < 0.8
    assert done.null is not None and done.null.p_value > 0.05
    names = set(metrics(done))
    assert {"honest/nested/score", "honest/nested/optimism", "honest/null/p_value"} <= names
    assert not {"nested/score", "null/p_value"} & names
    said = " ".join(said_of(done))
    assert "Against 19 shuffled labellings, without logFC and t: p =" in said
    assert "Nested cross-validation, without logFC and t:" in said


def test_a_ranking_has_an_honest_reading_too(folder: Path) -> None:
    by = ["model=ranking", "model.estimator.by=AveExpr", "model.space.by.choices=[AveExpr,B]"]
    done = made(folder, *by, "evaluation.outer_folds=3")
    assert done.nested is not None and done.nested.reading == "honest"
    given, honest = done.readings["as given"], done.readings["honest"]
    assert given.cv.folds == honest.cv.folds  # the order by one column does not see the others
    assert given.test.scores == honest.test.scores


def test_the_lasso_takes_three_classes_with_a_solver_that_can(folder: Path) -> None:
    done = made(folder, "model=lasso", "target=regulation", "target.lfc=0.5", "target.fdr=0.2", "search=grid")
    assert done.plan.problem.labels.classes == ("down", "ns", "up")
    assert len(done.study.finished) == 8
    assert done.given.pipeline[-1].solver == "saga"
    assert not done.study.frame["warnings"].any()
    assert made(folder, "model=lasso").given.pipeline[-1].solver == "liblinear"
    with pytest.raises(BadInput, match="model.multiclass: Invalid parameter 'solvr'"):
        made(
            folder,
            "model=lasso",
            "target=regulation",
            "target.lfc=0.5",
            "target.fdr=0.2",
            "+model.multiclass.solvr=x",
        )


def test_repeated_folds(folder: Path) -> None:
    done = made(folder, "evaluation=repeated", "evaluation.repeats=2")
    assert len(done.given.cv.folds) == 6
    assert len(done.study.best.folds) == 3


def test_a_leaderboard_ranks_only_what_can_be_compared(folder: Path) -> None:
    given = (
        ["model=lasso"],
        ["model=dummy"],
        ["model=lasso", "split.seed=3"],
        ["leak.policy=drop", "model=lasso"],
    )
    results = [made(folder, *each) for each in given]
    first, other = boards([row(result) for result in results])
    assert [r.label for r in first.rows] == [
        "LASSO, leak.policy=warn",
        "constant answer, leak.policy=warn",
        "LASSO, leak.policy=drop",
    ]
    assert len(other.rows) == 1
    assert sentences(first)[0].text.startswith("LEAK: logFC and t give the answer away")
    as_given = first.verdicts["as given"]
    assert as_given.tied == ("LASSO, leak.policy=warn",)
    pairs = as_given.pairs.set_index(["first", "second"])
    difference = pairs.loc[("LASSO, leak.policy=warn", "constant answer, leak.policy=warn"), "difference"]
    assert difference == pytest.approx(
        results[0].given.test.scores["accuracy"] - results[1].given.test.scores["accuracy"]
    )
    assert first.verdicts["honest"].tied == ()


@pytest.mark.published
def test_the_published_leaderboard_differs_from_the_dummy_in_nothing_once_it_is_honest(
    published: Path,
) -> None:
    rows = []
    for model in ("random_forest", "logistic_regression", "lasso", "svm", "xgboost"):
        given = settings(
            "experiment=published",
            f"data.path={published}",
            f"model={model}",
            "search=none",
            "explanation=none",
        )
        rows.append(row(run(given, prepare(given, instantiate(given.model.estimator)))))
    (board,) = boards(rows)
    assert "none of the 5 models is better than the constant answer" in sentences(board)[-1].text


def test_rows_that_both_parts_hold_void_the_verdict(folder: Path) -> None:
    noise = limma_table(genes=200).assign(logFC=np.random.default_rng(0).normal(size=200))
    twice = pd.concat([noise, noise]).sample(frac=1, random_state=0)
    twice.to_csv(folder / "twice.csv", index=False)
    features = ["features=list", "features.columns=[AveExpr,B]", f"data.path={folder / 'twice.csv'}"]
    done = made(folder, *features, "split=stratified", "split.by=null")
    shared = done.plan.problem.shared
    assert shared.rows == shared.same_gene == shared.same_values > 40
    assert shared.leaks and done.plan.problem.leaks and done.plan.problem.leak == ()
    assert said_of(done)[0].startswith(f"LEAK: {shared.rows} of 80 held-out rows repeat a training row")
    tags = run_tags.tags(done.settings, done.plan)
    assert (tags["shared_rows"], tags["shared_leak"]) == (f"{shared.rows} of 80", "yes")
    (board,) = boards([row(done)])
    assert board.leaks and sentences(board)[0].text.startswith(
        f"LEAK: {shared.rows} of 80 held-out rows repeat"
    )
    (model,) = (record for record in records(done, "") if isinstance(record, Model))
    assert model.metadata["shared_rows"] == f"{shared.rows} of 80"
    assert f"memory: {shared.rows} of 80" in scored.lines(Summary(), model.metadata)["leak"]
    apart = prepare(settings(*SMALL, *features, "split=grouped"), LogisticRegression()).problem
    assert apart.shared.rows == 0 and not apart.leaks


def test_what_nearly_answers_is_graded_and_left_out_of_the_honest_score(folder: Path) -> None:
    table = limma_table(genes=600)
    hit = (table["AveExpr"] > 8) ^ (np.arange(600) % 25 == 0)
    table.assign(hit=np.where(hit, "yes", "no")).to_csv(folder / "hit.csv", index=False)
    done = made(folder, f"data.path={folder / 'hit.csv'}", "target=column", "target.column=hit")
    problem = done.plan.problem
    assert (problem.leak, problem.withheld) == ((), ("AveExpr",))
    assert said_of(done)[0].startswith("Alone, AveExpr carries 96 % of the label [94 %, 97 %]")
    assert done.given.test.scores["balanced_accuracy"] > 0.9
    assert done.readings["honest"].test.scores["balanced_accuracy"] < 0.7
    tags = run_tags.tags(done.settings, done.plan)
    assert (tags["leak"], tags["carries_label"]) == ("none", "AveExpr")
    (board,) = boards([row(done)])
    said = sentences(board)
    assert not board.leaks and board.readings == ("as given", "honest")
    assert said[0].text.startswith("Nearly the answer, though no proof of a leak: AveExpr; the honest score")
    assert [s.text.split(":")[0] for s in said[1:]] == ["As given", "Honest, without AveExpr"]
    assert list(lines(board, 120, 2).iloc[:2, 1]) == ["given", "honest"]
    models = {record.name: record.metadata for record in records(done, "") if isinstance(record, Model)}
    assert models["logistic_regression"]["carries_label"] == "AveExpr"
    assert "carries_label" not in models["logistic_regression-honest"]
    told = scored.lines(Summary(), models["logistic_regression"])
    assert "AveExpr" in told["nearly"] and "leak" not in told


@pytest.mark.parametrize("model", ["svm", "random_forest", "lasso"])
def test_a_model_that_is_not_adjusted_is_the_pipeline_itself(folder: Path, model: str) -> None:
    done = made(folder, f"model={model}")
    assert done.given.model is done.given.pipeline
