"""The report is one file, in the order in which it is read, with every text escaped."""

import importlib.util
import json
import re
import zlib
from base64 import b64decode
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dge_experiments.evaluation.adjustment import Adjustment
from dge_experiments.evaluation.leaderboard import Board, boards
from dge_experiments.experiment.result import Result
from dge_experiments.explanation.methods import regularization_path, shap
from dge_experiments.problem.problem import AS_GIVEN
from dge_experiments.report import document
from dge_experiments.report.genes import genes, listed
from dge_experiments.report.page.page import page
from dge_experiments.report.rows import row
from dge_experiments.report.scores import small_table
from dge_experiments.report.words.description import description, table
from dge_experiments.report.words.findings import verdicts
from dge_experiments.tables.table import Finding

EVIL = "<script>alert(1)</script>"


def unpacked(html: str, name: str) -> str:
    (packed,) = re.findall(rf'id="{name}">(.*?)</script>', html, re.DOTALL)
    return zlib.decompress(b64decode(packed)).decode()


def charts(html: str) -> dict[str, Any]:
    """The figures' data."""
    found: dict[str, Any] = json.loads(unpacked(html, "charts"))
    return found


def test_the_page_stands_alone(html: str) -> None:
    assert unpacked(html, "plotly").count("plotly.js v") == 1
    assert "plotly.js v" not in html
    assert len(html.encode()) < 6e6
    outside = re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)
    assert not re.search(r"\b(src|href)=\"(?!#)", outside)
    assert "@import" not in outside and "url(" not in outside


def test_the_order(html: str) -> None:
    heads = re.findall(r"<h2[^>]*>(.*?)</h2>", html)
    assert heads == [
        "Verdict",
        "Findings on the table",
        "Scores",
        "Which statistics carry the decision",
        "Genes",
        "Shape of the table",
        "Search",
        "Methods",
        "Run it again",
    ]


def test_names_are_text(html: str) -> None:
    assert EVIL not in html
    assert "evil &lt;b&gt;table&lt;/b&gt;" in html
    assert "&lt;script&gt;alert(1)" in (drawn := json.dumps(charts(html))) and EVIL not in drawn
    assert "<img src=x" not in html
    assert "<b>table</b>" not in html
    assert "a=&lt;b&gt;" in html


def test_every_figure_has_words_and_a_place(html: str) -> None:
    places = re.findall(r'id="chart-(\d+)" role="figure" aria-label="([^"]+)"', html)
    data = charts(html)
    assert [int(number) for number, _ in places] == list(range(len(data["charts"])))
    assert len(places) > 15
    assert all(len(alt) > 20 for _, alt in places)


def test_figures_share_what_they_have_in_common(html: str) -> None:
    data = charts(html)
    clouds = [c for c in data["charts"] if (c["layout"].get("meta") or {}).get("genes")]
    assert len(clouds) == 4
    names = [[t["text"] for t in c["data"] if t.get("meta") == "all"] for c in clouds]
    assert all(each == names[0] for each in names)


def swept(finished: Result, *others: Result) -> tuple[list[Result], Board]:
    """Runs of a sweep, told apart by their search, and their board."""
    results = [finished, *others]
    rows = [
        replace(row(r), settings={**row(r).settings, "search.n_trials": str(k)})
        for k, r in enumerate(results)
    ]
    (board,) = boards(rows)
    return [results[r.members[0]] for r in board.rows], board


def test_the_chapters_of_a_sweep(finished: Result) -> None:
    report = document.sweep(*swept(finished, finished))
    assert report.chapters[0].title == "Leaderboard"
    assert report.verdict[0].text.startswith("LEAK: logFC and t give the answer away")
    assert report.verdict[1].text.startswith("Honest, without logFC and t: on 60 held-out genes ")
    assert "the constant answer (" in report.verdict[1].text
    assert "2 models" in report.title
    assert report.chapters[1].intro.startswith("Of logistic regression, search.n_trials=0")
    html = page(report)
    assert "Pairs of models, as given" in html and "Models against constant answer, honest" in html
    assert "Fold scores of the models" in html
    assert "with each other on the same held-out genes" in report.methods
    assert "(logistic regression and logistic regression)" in html


def test_the_lasso_path_of_a_sweep_has_the_c_that_its_lasso_chose(finished: Result) -> None:
    lasso = regularization_path.METHOD
    path = finished.explanation.get(lasso)
    assert path is not None and path.chosen_c is None
    chosen = finished.explanation.with_found(lasso, replace(path, chosen_c=0.25))
    chose = replace(finished, explanation=chosen)
    assert "chosen C = 0.25" in json.dumps(charts(page(document.sweep(*swept(finished, chose)))))


def test_the_verdict_is_two_sentences_and_the_rest_stands_below(finished: Result, html: str) -> None:
    report = document.report(finished)
    lead, honest = (sentence.text for sentence in report.verdict)
    assert lead.startswith("LEAK") and "constant answer" in honest
    assert len(report.details) >= 2
    assert html.index("Honest score") < html.index('class="details"') < html.index("Findings on the table")


def test_without_the_shap_package_the_panel_says_how_to_get_it(
    finished: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, parts = finished.plan.problem.X, finished.plan.problem.split
    forest = make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=0))
    forest.fit(X.iloc[parts.train], finished.plan.problem.labels.y[parts.train])
    with monkeypatch.context() as without:
        without.setattr(importlib.util, "find_spec", lambda name: None)
        missing = shap.shap_values(forest, X.iloc[parts.test], X.iloc[parts.train], seed=0)
    explanation = finished.explanation.with_found(shap.METHOD, missing)
    made = page(document.report(replace(finished, explanation=explanation)))
    assert (
        "need the shap package, which is not installed: pip install &#39;dge-experiments[shap]&#39;" in made
    )
    assert "mean absolute contribution" not in made


def test_the_methods_name_what_was_done(finished: Result) -> None:
    report = document.report(finished)
    for phrase in (
        "300 genes",
        "logFC > 0",
        "12 candidates",
        "3 stratified folds",
        "seed was 42",
        "Newcombe's for ROC AUC",
        "scikit-learn",
    ):
        assert phrase in report.methods
    cited = {int(n) for n in re.findall(r"\[(\d+)\]", report.methods)}
    assert cited == set(range(1, len(report.citations) + 1))
    assert any("10.1214" in w or "10.1111/j.1467-9868.2010.00740.x" in w for w in report.citations)


def test_the_methods_say_how_many_candidates_left_a_race(finished: Result) -> None:
    assert "fell behind" not in document.report(finished).methods
    first, *rest = finished.study.trials
    raced = [replace(trial, raced_out=True, folds=trial.folds[:2]) for trial in rest]
    study = replace(finished.study, trials=(first, *raced))
    report = document.report(replace(finished, studies={**finished.studies, "as given": study}))
    assert (
        f"{len(raced)} candidates that fell behind the leader were stopped before the last fold [4]."
        in report.methods
    )
    assert report.citations[3].startswith("Maron")


def test_the_description_leads_with_the_verdict_and_links_the_report(finished: Result) -> None:
    text = description(verdicts(finished), small_table(finished), "#/x/report.html")
    assert text.splitlines()[0].startswith("**LEAK")
    assert "](#/x/report.html)" in text
    assert "| accuracy |" in text


def test_markdown_shows_text_as_it_is_written() -> None:
    made = table(pd.DataFrame({"a|b": ["<i>*x*"], "n": [0.5]}))
    assert made.splitlines() == ["| a\\|b | n |", "|---|---:|", "| &lt;i&gt;\\*x\\* | 0.500 |"]


def test_marked_genes_are_the_misclassified_and_the_surest(finished: Result) -> None:
    problem, test = finished.plan.problem, finished.given.test
    found = genes(problem, test, seed=1)
    test_rows, prediction = problem.split.test, test.prediction
    wrong = test_rows[prediction.predicted != problem.labels.y[test_rows]]
    assert set(found.frame.index[found.frame["marked"] == "misclassified"]) == set(wrong)
    top = found.frame[found.frame["marked"] == "top score"]
    assert set(top["predicted"]) == {"up"}
    assert top["score"].min() >= pd.Series(prediction.ranking).sort_values().iloc[-16]
    assert len(found.frame) == 300 and found.note == ""
    assert listed(found.frame, "top score", 3)["score"].is_monotonic_decreasing


@pytest.mark.parametrize("most", [20, 100])
def test_thinned_clouds_keep_the_marked_genes_and_say_so(finished: Result, most: int) -> None:
    found = genes(finished.plan.problem, finished.given.test, seed=1, most=most)
    assert len(found.frame) == most
    assert found.frame.index.is_monotonic_increasing
    whole = genes(finished.plan.problem, finished.given.test, seed=1).frame
    marked = whole[whole["marked"] != ""]
    assert 5 < len(marked) <= most
    assert set(marked.index) <= set(found.frame.index)
    pd.testing.assert_frame_equal(found.frame, whole.loc[found.frame.index])
    assert f"{most} of 300 genes" in found.note


def test_of_more_marked_genes_than_are_drawn_the_best_scores_stay(finished: Result) -> None:
    whole = genes(finished.plan.problem, finished.given.test, seed=1).frame
    few = genes(finished.plan.problem, finished.given.test, seed=1, most=5).frame
    best = whole.loc[whole["marked"] != "", "score"].sort_values(ascending=False)[:5]
    assert (few["marked"] != "").all()
    assert sorted(few["score"], reverse=True) == best.tolist()  # of equal scores any gene may be drawn


def test_the_methods_say_what_was_left_out_and_which_scores_are_calibrated(finished: Result) -> None:
    assert "calibrated" not in document.report(finished).methods
    settings = deepcopy(finished.settings)
    settings.calibration, settings.data.filter = "isotonic", "P.Value < 0.5"  # type: ignore[assignment]
    problem = finished.plan.problem
    dropped = Finding("rows_dropped", "warning", "7 rows have no P.Value", 7)
    table = replace(problem.table, findings=(dropped,), rows=307)
    plan = replace(finished.plan, problem=replace(problem, table=table))
    given = replace(finished.given, adjustment=Adjustment("isotonic", (), 0.5))
    readings = {**finished.readings, AS_GIVEN: given}
    report = document.report(replace(finished, settings=settings, plan=plan, readings=readings))
    assert "7 of 307 rows were dropped because of missing values." in report.methods
    assert "Only rows with P.Value < 0.5 were used." in report.methods
    assert "by isotonic regression [" in report.methods
    assert any("10.1145/775047.775151" in work for work in report.citations)
    assert any(sentence.kind == "calibration" for sentence in report.details)
