"""Figures show the numbers of their frames, and text as it is written."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from dge_experiments.report.chapters.methods.dominance import strongest
from dge_experiments.report.figures import explanation as figures_explanation
from dge_experiments.report.figures import genes as figures_genes
from dge_experiments.report.figures import paths as figures_paths
from dge_experiments.report.figures import scores as figures_scores
from dge_experiments.report.figures import search as figures_search
from dge_experiments.report.page.style import class_colours, log_axis, plain

EVIL = "<script>alert(1)</script>"


def trace(figure: go.Figure, name: str) -> go.Scatter:
    (found,) = [t for t in figure.data if t.name == name]
    return found


def test_plain_text_is_what_plotly_shows() -> None:
    assert plain("a<b>&c") == "a&lt;b&gt;&amp;c"


def test_up_and_down_have_their_colours_whatever_the_order() -> None:
    two, three = class_colours(["up", "down"]), class_colours(["down", "ns", "up"])
    assert (two["up"], two["down"]) == (three["up"], three["down"])
    assert len(set(three.values())) == 3
    assert len(set(class_colours(["a", "b", "c"]).values())) == 3


def test_a_short_logarithmic_axis_has_ticks_at_1_2_5_and_a_long_one_at_powers() -> None:
    assert log_axis("C", [0.02, 0.6])["ticktext"] == ["0.02", "0.05", "0.1", "0.2", "0.5"]
    assert log_axis("C", [0.001, 10.0])["ticktext"] == ["0.001", "0.01", "0.1", "1", "10"]
    assert "tickvals" not in log_axis("C", [0.11, 0.18])


def test_scores_with_their_intervals() -> None:
    frame = pd.DataFrame(
        {
            "metric": ["accuracy", "accuracy"],
            "reading": ["held out", "constant answer"],
            "score": [0.9, 0.5],
            "low": [0.8, np.nan],
            "high": [0.95, np.nan],
        }
    )
    figure = figures_scores.score_bars(frame)
    assert [t.name for t in figure.data] == ["held out", "constant answer"]
    assert figure.data[0].error_x.array[0] == pytest.approx(0.05)
    assert figure.data[0].error_x.arrayminus[0] == pytest.approx(0.1)
    assert figure.data[1].error_x.array is None


def test_confusion_shows_counts_and_shades_shares() -> None:
    counts = pd.DataFrame([[8, 2], [0, 0]], index=["down", "up"], columns=["down", "up"])
    (heat,) = figures_scores.confusion(counts).data
    assert heat.text.tolist() == [[8, 2], [0, 0]]
    assert heat.z.tolist() == [[0.8, 0.2], [0, 0]]


def test_the_prevalence_line_is_as_high_as_the_prevalence() -> None:
    curve = pd.DataFrame(
        {
            "class": "up",
            "recall": [0.0, 1.0],
            "precision": [1.0, 0.7],
            "average_precision": 0.9,
            "prevalence": 0.25,
            "reading": "as given",
        }
    )
    figure = figures_scores.precision_recall(curve)
    assert list(trace(figure, "prevalence 0.250").y) == [0.25, 0.25]
    assert figure.data[0].name == "up: 0.900 (prevalence 0.250)"
    assert figure.data[0].line.shape == "vh"  # the area under the steps is the average precision


def test_fold_means() -> None:
    folds = pd.DataFrame({"name": ["a", "a", "b"], "fold": [1, 2, 1], "score": [0.5, 0.7, 0.9]})
    assert list(trace(figures_scores.fold_scores(folds, "accuracy"), "mean").x) == pytest.approx([0.6, 0.9])


def test_importance_is_sorted_largest_first() -> None:
    frame = pd.DataFrame(
        {"feature": ["a", "b"], "importance": [0.1, 0.9], "low": [0.0, 0.8], "high": [0.3, 0.95]}
    )
    (bars,) = figures_explanation.importance(frame, "drop").data
    assert list(bars.y) == ["b", "a"]
    assert list(bars.error_x.array) == pytest.approx([0.05, 0.2])
    assert list(bars.error_x.arrayminus) == pytest.approx([0.1, 0.1])


def test_cover_stands_beside_the_gain() -> None:
    frame = pd.DataFrame({"feature": ["a", "b"], "importance": [0.1, 0.9], "cover": [0.6, 0.4]})
    gain, cover = figures_explanation.importance(frame, "share").data
    assert (gain.name, list(gain.x)) == ("gain", [0.9, 0.1])
    assert (cover.name, list(cover.x)) == ("cover", [0.4, 0.6])


def test_the_strongest_sense_of_dominance_is_the_darkest() -> None:
    pairs = pd.DataFrame(
        [("a", "b", True, True, True), ("b", "a", False, False, False), ("b", "c", False, True, True),
         ("c", "b", False, False, False), ("a", "c", False, False, True), ("c", "a", False, False, False)],
        columns=["feature", "other", "complete", "conditional", "general"],
    )  # fmt: skip
    senses = strongest(pairs, pd.Series({"a": 0.5, "b": 0.3, "c": 0.1}))
    assert (strongest(pairs, pd.Series({"a": 0.0, "b": 0.0, "c": 0.0})) == "").all(axis=None)
    assert senses.loc["a"].tolist() == ["", "complete", "general"]
    assert senses.loc["b"].tolist() == ["", "", "conditional"]
    (heat,) = figures_explanation.dominates(senses).data
    assert heat.z.tolist() == [[0, 3, 1], [0, 0, 2], [0, 0, 0]]
    assert heat.text.tolist()[0] == ["", "compl.", "gen."]


def test_the_chosen_c_is_marked_on_the_path() -> None:
    path = pd.DataFrame({"C": [0.1, 1.0], "class": 1, "feature": "t", "coefficient": [0.0, 2.0]})
    figure = figures_paths.lasso_path(path, 0.5)
    assert figure.layout.shapes[0].x0 == 0.5
    assert "0.5" in figure.layout.annotations[0].text
    assert figures_paths.lasso_path(path, None).layout.shapes == ()


def test_a_gene_cloud_marks_and_escapes_and_leaves_room_for_the_search() -> None:
    genes = pd.DataFrame(
        {
            "gene": [EVIL, "b", "c"],
            "class": ["up", "down", "up"],
            "marked": ["misclassified", "", "top score"],
            "score": [0.2, np.nan, 0.9],
            "x": [1.0, 2.0, 3.0],
            "y": [4.0, 5.0, 6.0],
        }
    )
    figure = figures_genes.cloud(genes, "x", "y", "X", "Y", ["x", "score"])
    assert figure.layout.meta == {"genes": ["x", "score"]}
    assert [t.name for t in figure.data] == [
        "down",
        "up",
        "misclassified (held out)",
        "top score (held out)",
        "found",
    ]
    assert list(trace(figure, "up").x) == [1.0, 3.0]
    assert list(trace(figure, "misclassified (held out)").text) == [plain(EVIL)]
    assert [list(row) for row in trace(figure, "up").customdata] == [[1.0, 0.2], [3.0, 0.9]]
    assert [list(row) for row in trace(figure, "down").customdata] == [[2.0, None]]
    assert EVIL not in figure.to_json()
    assert all(t.type == "scattergl" for t in figure.data[:-1])


def test_in_a_crowd_the_classes_are_drawn_in_turns_and_each_gene_once() -> None:
    n = 4000
    genes = pd.DataFrame({"gene": [f"g{i}" for i in range(n)], "class": np.where(np.arange(n) < 1000, "up", "down"),
                          "marked": "", "score": np.nan, "x": np.arange(n, dtype=float), "y": 0.0})  # fmt: skip
    points = [t for t in figures_genes.cloud(genes, "x", "y", "X", "Y").data if t.meta == "all"]
    assert [t.name for t in points[:4]] == ["down", "up", "down", "up"]
    assert [t.name for t in points if t.showlegend] == ["down", "up"]
    assert sorted(np.concatenate([t.x for t in points])) == genes["x"].tolist()


def test_the_best_trial_is_drawn_last_and_strongest() -> None:
    positions = pd.DataFrame(
        {
            "number": [0, 0, 1, 1],
            "value": [0.9, 0.9, 0.5, 0.5],
            "parameter": ["C", "w"] * 2,
            "place": [0.1, 1.0, 0.4, 0.0],
            "setting": ["1", "a", "2", "b"],
        }
    )
    lines = figures_search.parallel(positions, "accuracy").data[:-1]
    assert [tuple(line.customdata[0]) for line in lines] == [(1, 0.5), (0, np.float32(0.9))]
    assert lines[1].line.width > lines[0].line.width


def test_thousands_of_trials_are_a_few_traces_with_a_break_after_each_trial() -> None:
    rng = np.random.default_rng(0)
    trials, parameters = 5000, ("C", "max_depth", "learning_rate", "subsample")
    positions = pd.DataFrame(
        {
            "number": np.repeat(np.arange(trials), 4),
            "value": np.repeat(rng.uniform(0.5, 0.9, trials), 4),
            "parameter": parameters * trials,
            "place": rng.uniform(size=4 * trials),
            "setting": [f"{v:.4g}" for v in rng.uniform(size=4 * trials)],
        }
    )
    figure = figures_search.parallel(positions, "accuracy")
    assert len(figure.data) <= 9
    assert len(figure.to_json()) < 1_000_000
    lines = figure.data[:-1]
    assert sum(len(line.y) for line in lines) == 5 * trials
    for line in lines:
        gaps = np.flatnonzero(np.isnan(line.y))
        assert list(gaps) == list(range(4, len(line.y), 5))
        numbers = line.customdata[:, 0].reshape(-1, 5)
        assert (numbers == numbers[:, :1]).all()
        assert list(line.x[:4]) == list(parameters)


def test_slices_have_one_panel_each_and_log_axes_where_said() -> None:
    frame = pd.DataFrame(
        {
            "parameter": ["C", "C", "w"],
            "number": [0, 1, 0],
            "setting": pd.Series([0.1, 10.0, None], dtype=object),
            "value": [0.5, 0.6, 0.5],
        }
    )
    figure = figures_search.slices(frame, {"C"}, "accuracy")
    assert len(figure.data) == 2
    assert (figure.layout.xaxis.type, figure.layout.xaxis2.type) == ("log", "category")
