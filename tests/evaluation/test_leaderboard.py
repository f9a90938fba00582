"""Only what shares table, target and split is ranked; ties come from the held-out genes."""

from collections.abc import Mapping
from dataclasses import replace
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from dge_experiments.errors import BadInput
from dge_experiments.evaluation.answers import Answers
from dge_experiments.evaluation.label import short_names
from dge_experiments.evaluation.leaderboard import Board, boards
from dge_experiments.evaluation.run_row import RunRow
from dge_experiments.report import leaderboard
from dge_experiments.report.words.board import sentences, title
from dge_experiments.search.prediction import Prediction

ABOUT = {"data_digest": "d1", "target": "direction", "rule": "logFC > 0", "split_hash": "s1"}


def run(run_id: str, model: str, accuracy: float | None, *, leak: tuple[str, ...] = (), sweep: str = "",
        settings: Mapping[str, str] | None = None, simplicity: float | None = None,
        **about: str) -> RunRow:  # fmt: skip
    metrics = {} if accuracy is None else {"cv/accuracy": accuracy}
    return RunRow(
        run_id, model, "accuracy", ABOUT | about, {**metrics, "cv/brier": 1.0}, leak, settings or {}, experiment="e",
        sweep_id=sweep, simplicity=simplicity, age_seconds=90.0,
    )  # fmt: skip


RUNS = [
    run("a1", "xgboost", 0.90),
    run("a2", "random_forest", 0.95),
    run("a3", "xgboost", 0.99, split_hash="s2"),
    run("a4", "svm", 0.10, data_digest="d2"),
    run("a6", "lasso", None),
]


def ids(board: Board) -> list[str]:
    return [row.run_id for row in board.rows]


def test_runs_are_ranked_within_table_target_and_split_only() -> None:
    found = boards(RUNS)
    assert [ids(board) for board in found] == [["a2", "a1", "a6"], ["a3"], ["a4"]]
    assert {str(board.metric) for board in found} == {"cv/accuracy"}
    other_rule = [replace(RUNS[0], about={**ABOUT, "rule": "|logFC| >= 1"}), *RUNS[1:]]
    assert [ids(board) for board in boards(other_rule)][:2] == [["a1"], ["a2", "a6"]]


def test_boards_on_one_question_are_told_apart_by_what_their_runs_share() -> None:
    given = {"split.name": "stratified", "seed": "1", "data.filter": "B > 0", "search.n_trials": "5"}
    rows = [
        run("a", "svm", 0.9, settings=given),
        run("b", "lasso", 0.8, settings=given | {"search.n_trials": "9", "seed": "2"}),
        run("c", "svm", 0.7, settings=given | {"data.filter": "B > 1"}, data_digest="d2"),
        run("d", "svm", 0.7, settings=given | {"split.name": "grouped", "split.by": "auto"}, split_hash="s2"),
    ]
    distinctions = [
        "split=stratified, data.filter=B > 0",
        "split=stratified, data.filter=B > 1",
        "split=grouped, data.filter=B > 0",
    ]
    found = boards(rows)
    assert [board.distinction for board in found] == distinctions
    assert title(found[0]) == f"e, {distinctions[0]} by cv/accuracy"
    (alone,) = boards(rows[:2])
    assert alone.distinction == "" and title(alone) == "e by cv/accuracy"
    elsewhere = [rows[0], replace(rows[2], experiment="f")]
    assert [board.distinction for board in boards(elsewhere)] == ["", ""]


def test_a_loss_is_ranked_from_below_and_a_recall_is_no_loss() -> None:
    losses = [replace(row, metrics={"cv/brier": b, "test/deceased/recall": b}) for row, b in
              zip(RUNS[:2], (0.3, 0.2), strict=True)]  # fmt: skip
    assert ids(boards(losses, "cv/brier")[0]) == ["a2", "a1"]
    assert ids(boards(losses, "test/deceased/recall")[0]) == ["a1", "a2"]


def test_a_metric_that_no_finished_run_has_is_said() -> None:
    with pytest.raises(
        BadInput, match=r"metric=cv/f7: no finished run has it.* \(there are cv/accuracy, cv/brier"
    ):
        boards(RUNS, "cv/f7")


def test_a_model_twice_is_two_rows_with_names_of_their_own() -> None:
    """One that is there twice was the last of its name alone in the comparison."""
    given = {"features.name": "all", "features.drop_label_sources": "false", "seed": "1", "split.seed": "1"}
    honest = given | {"features.name": "honest", "features.drop_label_sources": "true"}
    rows = [run("a", "svm", 0.9, leak=("t",), settings=given), run("b", "svm", 0.6, settings=honest)]
    (board,) = boards(rows)
    assert [row.label for row in board.rows] == ["svm, features=all", "svm, features=honest"]
    assert board.differing == ("features.name",)
    assert "features.name" in board.frame and board.leak == ("t",)


def test_what_belongs_to_a_model_tells_only_its_own_runs_apart() -> None:
    rows = [
        run("a", "svm", 0.9, settings={"model.estimator.C": "1", "search.n_trials": "5"}),
        run("b", "lasso", 0.8, settings={"model.estimator.C": "2", "search.n_trials": "5"}),
    ]
    assert [row.label for row in boards(rows)[0].rows] == ["svm", "lasso"]
    more = [*rows, run("c", "svm", 0.7, settings={"model.estimator.C": "3", "search.n_trials": "5"})]
    assert "svm, model.estimator.C=3" in [row.label for row in boards(more)[0].rows]


def test_seeds_swept_are_one_model_with_its_spread() -> None:
    rows = [
        run(
            f"s{seed}",
            "svm",
            score,
            sweep="w",
            split_hash=f"h{seed}",
            settings={"seed": seed, "split.seed": seed},
        )
        for seed, score in (("1", 0.7), ("2", 0.8), ("3", 0.9))
    ]
    (board,) = boards(rows)
    (row,) = board.rows
    assert row.members == (0, 1, 2) and board.seeds == 3
    assert row.metrics["cv/accuracy"] == pytest.approx(0.8)
    assert row.metrics["cv/accuracy_std"] == pytest.approx(0.1)
    assert "means over the seeds 1, 2, 3" in sentences(board)[0].text
    assert len(boards([replace(row, sweep_id="") for row in rows])) == 3
    other = run("x", "lasso", 0.5, sweep="w", split_hash="h1", settings={"seed": "1"})
    assert [ids(each) for each in boards([*rows, other])] == [["s1"], ["x"]]


def test_the_draw_of_the_split_is_said_beside_the_interval_of_one_run() -> None:
    """Standard deviation 0.1 over the seeds; intervals of 0.392 stand for one of 0.1, those of 0.784 for 0.2."""
    for width, share in ((0.391993, 1.0), (0.783986, 0.25)):
        rows = [
            replace(
                run(f"s{seed}", "svm", 0.8, sweep="w", split_hash=f"h{seed}", settings={"seed": str(seed)}),
                metrics={
                    "cv/accuracy": 0.8,
                    "test/accuracy": score,
                    "test/accuracy_low": score - width / 2,
                    "test/accuracy_high": score + width / 2,
                },
            )
            for seed, score in ((1, 0.7), (2, 0.8), (3, 0.9))
        ]
        (board,) = boards(rows)
        found = board.draw
        assert found is not None and found.seeds == 3
        assert (found.observed, found.share) == pytest.approx((0.1, share), rel=1e-4)
        low, high = (
            share * 2 / quantile for quantile in (7.377759, 0.0506356)
        )  # chi-square, 2 degrees of freedom
        assert (found.low, found.high) == pytest.approx((low, high), rel=1e-4)
        sentence = sentences(board)[1].text
        assert sentence.startswith(
            f"The draw of the split makes {100 * share:.0f} % [{100 * low:.0f} %, 100 %] of the"
        )
        assert "over 3 seeds its standard deviation is 0.1000" in sentence
    assert boards([rows[0]])[0].draw is None


def test_seeds_of_equal_genes_and_models_make_the_share_that_is_not_held_out() -> None:
    """A constant model on drawn halves of 2,000 genes: seeds share them, and make half of the interval's variance."""
    rng = np.random.default_rng(0)
    right, rows = rng.random(2000) < 0.7, []
    for seed in range(400):
        score = right[rng.permutation(2000)[:1000]].mean()
        reach = 1.959964 * np.sqrt(score * (1 - score) / 1000)
        scores = {
            "test/accuracy": score,
            "test/accuracy_low": score - reach,
            "test/accuracy_high": score + reach,
        }
        rows.append(
            replace(run(f"s{seed}", "svm", 0.8, sweep="w", settings={"seed": str(seed)}), metrics=scores)
        )
    found = boards(rows)[0].draw
    assert found is not None and found.share == pytest.approx(0.5, abs=0.08)
    assert found.low < 0.5 < found.high


Y = np.random.default_rng(0).permutation(np.arange(400) % 2)


def answers(shift: float, seed: int, honest: float | None = None) -> Answers:
    """Answers that are the better the larger the shift."""

    def prediction(by: float, draw: int) -> Prediction:
        ranking = np.random.default_rng(draw).normal(size=400) + by * Y
        return Prediction((ranking > by / 2).astype(np.int64), ranking, None)

    readings = {"as given": prediction(shift, seed)} | (
        {} if honest is None else {"honest": prediction(honest, seed + 9)}
    )
    return Answers(("down", "up"), Y, readings, constant=0)


def with_answers(row: RunRow, **how: float) -> RunRow:
    return replace(row, answers=lambda: answers(**how))  # type: ignore[arg-type]


def test_models_that_cannot_be_told_apart_are_tied_and_the_simplest_is_named() -> None:
    rows = [
        with_answers(run("a", "xgboost", 0.9, simplicity=6), shift=2, seed=1),
        with_answers(run("b", "lasso", 0.89, simplicity=3), shift=1.98, seed=1),
        with_answers(run("c", "svm", 0.7, simplicity=4), shift=0.6, seed=2),
    ]
    (board,) = boards(rows)
    assert board.tied("as given") == {"xgboost": "yes", "lasso": "simplest"}
    (sentence,) = sentences(board)
    assert sentence.kind == "as given" and "all 3 models are better than the constant answer" in sentence.text
    assert (
        "lasso cannot be told from it" in sentence.text and "lasso is the simplest of them" in sentence.text
    )
    pairs = board.verdicts["as given"].pairs
    assert len(pairs) == 3
    custom = replace(rows[1], simplicity=None)
    (unknown,) = boards([rows[0], custom, rows[2]])
    assert unknown.tied("as given") == {"xgboost": "yes", "lasso": "yes"}
    assert "simplest" not in sentences(unknown)[0].text


def test_a_sentence_names_a_run_by_its_model_and_what_it_takes_to_tell_it_apart() -> None:
    few, many = (
        {"features.name": "all", "search.n_trials": "9"},
        {"features.name": "all", "search.n_trials": "20"},
    )
    honest = {"features.name": "honest", "search.n_trials": "20"}
    rows = [
        with_answers(run("a", "svm", 0.9, settings=few), shift=2, seed=1),
        with_answers(run("b", "svm", 0.8, settings=honest), shift=2, seed=2),
        with_answers(run("c", "lasso", 0.7, settings=many), shift=2, seed=3),
    ]
    (board,) = boards(rows)
    assert board.rows[0].label == "svm, features=all, search.n_trials=9"
    short = short_names(board.rows)
    assert list(short.values()) == ["svm (features=all)", "svm (features=honest)", "lasso"]
    (sentence,) = sentences(board)
    assert all(name in sentence.text for name in short.values()) and "n_trials" not in sentence.text
    alike = [replace(row, label=str(place)) for place, row in enumerate([rows[0], rows[0]])]
    assert list(short_names(alike).values()) == ["svm", "svm"]


def test_models_no_better_than_the_constant_answer_are_never_recommended() -> None:
    rows = [with_answers(run(name, name, 0.5, simplicity=k), shift=0, seed=k) for k, name in enumerate("ab")]
    (board,) = boards(rows)
    assert board.tied("as given") == {}
    assert (
        "none of the 2 models is better than the constant answer (0.500)" in sentences(board)[0].text.lower()
    )


def test_answers_for_other_genes_are_not_compared() -> None:
    one, other = with_answers(RUNS[0], shift=1, seed=0), with_answers(RUNS[1], shift=1, seed=1)
    other = replace(other, answers=lambda: replace(answers(1, 1), y=1 - Y))
    (board, *_) = boards([one, other])
    assert board.verdicts == {} and sentences(board) == []


LEAKY = [
    with_answers(replace(run("a1", "xgboost", 0.6), metrics={
        "cv/accuracy": 0.6, "cv/accuracy_std": 0.01, "test/balanced_accuracy": 0.61,
        "test/balanced_accuracy_low": 0.58, "test/balanced_accuracy_high": 0.64,
        "baseline/cv/accuracy": 0.5, "baseline/test/balanced_accuracy": 0.5, "fit_seconds": 1.25,
    }), shift=1.2, seed=3),
    with_answers(replace(run("a2", "random_forest", 0.99, leak=("logFC", "t")), metrics={
        "cv/accuracy": 0.99, "cv/accuracy_std": 0.001, "honest/cv/accuracy": 0.55, "honest/cv/accuracy_std": 0.02,
        "test/balanced_accuracy": 0.99, "test/balanced_accuracy_low": 0.98, "test/balanced_accuracy_high": 1.0,
        "honest/test/balanced_accuracy": 0.54, "baseline/cv/accuracy": 0.5,
        "baseline/test/balanced_accuracy": 0.5, "fit_seconds": 1.25,
    }), shift=9, seed=4, honest=0.1),
]  # fmt: skip


def test_a_leaky_and_a_clean_run_are_ranked_as_given_and_honestly() -> None:
    (board,) = boards(LEAKY)
    assert ids(board) == ["a2", "a1"]
    assert board.tied("as given") == {"random forest": "yes"} and board.tied("honest") == {"xgboost": "yes"}
    leak, given, honest = sentences(board)
    assert leak.kind == "leak" and leak.text.startswith("LEAK: logFC and t give the answer away")
    assert "metric=honest/cv/accuracy" in leak.text
    assert given.text.startswith("As given: on 400 held-out genes random forest reaches 1.000")
    assert honest.text.startswith("Honest, without logFC and t: on 400 held-out genes xgboost")
    (by_honest,) = boards(LEAKY, "honest/cv/accuracy")
    assert ids(by_honest) == ["a1", "a2"]


@pytest.mark.parametrize("width", [78, 98, 148])
def test_a_board_fits_the_terminal(width: int) -> None:
    (board,) = boards(LEAKY)
    lines = leaderboard.lines(board, width, 1)
    cells = [*lines.to_numpy().tolist(), [head.split("\n")[-1] for head in lines]]
    longest = [max(len(row[place]) for row in cells) for place in range(len(lines.columns))]
    assert sum(longest) + len(longest) - 1 <= width
    assert len(lines.columns) == 5
    assert list(lines.iloc[:, 1]) == ["given", "honest", "clean", "", ""]
    assert list(lines.iloc[:, 2]) == ["0.990 ± 0.001", "0.550 ± 0.020", "0.600 ± 0.010", "", "0.500"]
    assert list(lines["tied"]) == ["yes", "", "yes", "", ""]
    assert lines.iloc[1, 0] == "a2 2 min, 1.2 s" and lines.iloc[0, 0] == "random forest"
    assert len(leaderboard.lines(board, 40, 1).columns) == 4


def test_the_page_has_scores_with_intervals_and_the_constant_answer() -> None:
    (board,) = boards(LEAKY)
    cells = leaderboard.cells(board)
    assert list(cells["model"]) == ["random forest", "xgboost", "constant answer"]
    assert cells["test balanced accuracy"][1].low == 0.58
    assert cells["honest test balanced accuracy"][0] == 0.54
    assert cells["test balanced accuracy"][2] == 0.5
    summary = leaderboard.summary(board)
    assert list(summary["CV accuracy"]) == [0.99, 0.6]


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("probabilities", [True, False])
def test_answers_are_read_back_as_they_were_written(classes: int, probabilities: bool) -> None:
    rng = np.random.default_rng(classes)
    y = rng.integers(classes, size=30)
    p = rng.dirichlet(np.ones(classes), 30)
    prediction = Prediction(p.argmax(axis=1), p[:, 1] if classes == 2 else p, p if probabilities else None)
    names = ("no", "maybe_yes", "NA")[:classes]
    readings = {"as given": prediction, "honest": prediction}
    ranking = ("logFC", Prediction(y, rng.random(30), None))
    given = Answers(names, y, readings, 1, ranking, np.arange(30) // 2)
    text = given.frame([f"g{i}" for i in range(30)]).to_csv(index=False)
    read = Answers.parse(pd.read_csv(StringIO(text), float_precision="round_trip", keep_default_na=False))
    assert read is not None and read.classes == names and read.constant == 1
    assert np.array_equal(read.y, y) and np.array_equal(read.groups, given.groups)
    for reading, one in read.readings.items():
        assert np.array_equal(one.ranking, given.readings[reading].ranking)
        assert np.array_equal(one.predicted, prediction.predicted)
    assert read.ranking is not None and np.array_equal(read.ranking[1].ranking, given.ranking[1].ranking)
    assert Answers.parse(pd.DataFrame({"gene": ["a"], "true": ["up"]})) is None


def repeated(run_id: str, lead: float, *, dealt: int = 5, folds: int = 25) -> RunRow:
    """A run whose 25 fold scores, honest and as given, are so far above others'; all answer alike on the genes."""
    noise = np.random.default_rng(len(run_id)).normal(0, 0.001, folds)
    scores = pd.DataFrame({"cv/accuracy": noise + 0.9 + lead, "honest/cv/accuracy": noise + 0.6 - lead})
    held_out = answers(1.5, 3, honest=1.5)
    return replace(
        run(run_id, run_id, 0.9, leak=("t",)), dealt=dealt, folds=lambda: scores, answers=lambda: held_out
    )


def test_many_folds_have_a_say_in_each_reading() -> None:
    (board,) = boards([repeated("svm", 0.05), repeated("lasso", 0.0)])
    given, honest = (board.verdicts[reading].pairs.iloc[0] for reading in ("as given", "honest"))
    assert (given["first"], given["differs"]) == ("svm", False)
    assert (
        given["folds_first"] > 0.999
        and honest["folds_second" if honest["first"] == "svm" else "folds_first"] > 0.999
    )
    assert given["p_folds"] < 1e-6
    text = next(sentence.text for sentence in sentences(board) if sentence.kind == "as given")
    assert "cannot be told from it" in text
    assert text.endswith("; on the 25 folds svm is better by more than 0.01 than lasso (chance 99.9%).")


@pytest.mark.parametrize("other", [{"dealt": 10}, {"folds": 50}])
def test_folds_that_are_not_the_same_say_nothing(other: dict[str, int]) -> None:
    (board,) = boards([repeated("svm", 0.05), repeated("lasso", 0.0, **other)])
    assert board.verdicts["as given"].folds == 0


def test_a_board_leads_with_the_bias_corrected_score() -> None:
    """By the tuned score the second would be first."""
    scores = {"svm": (0.60, 0.58), "xgboost": (0.62, 0.55)}
    rows = [
        replace(run(model, model, cv), metrics={"cv/accuracy": cv, "bbc/accuracy": worth, "bbc/accuracy_low": 0.5,
                "bbc/accuracy_high": 0.6, "baseline/bbc/accuracy": 0.52})
        for model, (cv, worth) in scores.items()
    ]  # fmt: skip
    (board,) = boards(rows)
    assert str(board.metric) == "bbc/accuracy" and ids(board) == ["svm", "xgboost"]
    cells = leaderboard.cells(board)
    assert next(iter(cells.columns[1:])) == "bias-corrected CV accuracy"
    assert [(c.value, c.low, c.high) for c in cells["bias-corrected CV accuracy"][:2]] == [
        (0.58, 0.5, 0.6), (0.55, 0.5, 0.6),
    ]  # fmt: skip
    assert cells["bias-corrected CV accuracy"][2] == 0.52
    assert ids(boards(rows, "cv/accuracy")[0]) == ["xgboost", "svm"]
