"""The chapters on which statistics carry the decision, and on the shape of the table."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from dge_experiments.evaluation.metrics import title
from dge_experiments.explanation.explain import ModelExplanation, TableExplanation
from dge_experiments.explanation.shap_values import ShapValues
from dge_experiments.report.figures import explanation as draw
from dge_experiments.report.figures import paths as figures_paths
from dge_experiments.report.page.cells import told
from dge_experiments.report.page.page import Chapter, Chart, Grid, Note, Part

NEEDED = 0.01  # R² added to all the others
NATIVE = {
    "coefficient": ("|log-odds per standard deviation|", "Size of the coefficients on scaled features."),
    "MDI": (
        "mean decrease in impurity",
        "How much the splits on a feature sort the training genes; it favours fine-grained features.",
    ),
    "gain": (
        "share",
        "Gain: how much a split on the feature improved the objective; cover: how many training genes it parts.",
    ),
}


def chapter(
    native: pd.DataFrame | None,
    permutation: pd.DataFrame,
    table: TableExplanation,
    model: ModelExplanation,
    names: pd.Series,
    scoring: str,
    audit: pd.DataFrame,
    classes: Sequence[str],
) -> Chapter:
    """Importance by every method at hand, each with how to read it; ``audit``: the leak audit's tiers."""
    parts = [
        _audit(audit, list(permutation["feature"])),
        *(
            [Note("A caution", caution)]
            if (caution := model.agreement.caution if model.agreement else "")
            else []
        ),
        *_importance(native, permutation, model, names, scoring, classes),
        *(
            [Note("A sample", f"Dominance, LASSO path and stability are of {table.sample}.")]
            if table.sample
            else []
        ),
        *_dominance(table),
        *_lasso(table, classes),
        *(Note(method.replace("_", " ").capitalize(), why) for method, why in table.skipped.items()),
    ]
    return Chapter("Which statistics carry the decision", "", parts)


def _audit(audit: pd.DataFrame, used: list[str]) -> Grid:
    words = {"defines_label": "defines the label", "encodes_label": "encodes the label"}
    shown = pd.DataFrame(
        {
            "feature": audit["feature"],
            "used here": audit["feature"].isin(used),
            "finding": audit["tier"].replace(words),
            "balanced accuracy, alone": audit["balanced_accuracy"],
            "reason": audit["reason"],
        }
    )
    reading = "What each statistic says of the label before any model is trained."
    return Grid("Leak audit", reading, shown, wide=True)


def _importance(
    native: pd.DataFrame | None,
    permutation: pd.DataFrame,
    model: ModelExplanation,
    names: pd.Series,
    scoring: str,
    classes: Sequence[str],
) -> Iterator[Part]:
    name = title(scoring)
    if model.agreement is not None:
        yield Chart(
            "Do the methods agree?",
            f"Ranks, 1 is the most important. {model.agreement.note}",
            draw.ranks(model.agreement.ranks),
            "Ranks of the features by each method: " + told(model.agreement.ranks, "mean_rank", "mean rank"),
            model.agreement.ranks,
        )
    if native is not None:
        kind = str(native["kind"].iloc[0])
        axis, reading = NATIVE.get(kind, (kind, "What the fitted model itself leans on."))
        yield Chart(
            f"The model's own importance ({kind})",
            reading,
            draw.importance(native, axis),
            f"Bars of {axis}: {told(native, 'importance')}",
            native.drop(columns="kind"),
        )
    yield Chart(
        "Permutation importance",
        f"Drop in {name} on {model.permuted:,} held-out genes when a feature is shuffled; whiskers: 95 % interval over "
        "genes and shuffles. Features that repeat each other cover for each other.",
        draw.importance(permutation, f"drop in {name}"),
        f"Bars of the drop in {name}: {told(permutation, 'importance')}",
        permutation.drop(columns=["scoring", "genes"]),
    )
    if model.shap is not None:
        yield from _shap(model.shap, names, classes)


def _shap(shap: ShapValues, names: pd.Series, classes: Sequence[str]) -> Iterator[Part]:
    if shap.contributions.empty:
        yield Note("SHAP values", shap.note)
        return
    codes = list(dict.fromkeys(shap.contributions["class"]))
    for code in codes:
        mine = shap.importance[shap.importance["class"] == code]
        of = f", class {classes[int(code)]}" if len(codes) > 1 else ""
        yield Chart(
            f"SHAP values{of}",
            f"One point per gene: how far a feature moved its score from the mean. {shap.note}",
            draw.shap_strip(shap_points(shap, int(code), names), shap.unit),
            f"SHAP values{of}, mean absolute contribution: {told(mine, 'importance')}",
            mine.drop(columns="class"),
        )


def shap_points(shap: ShapValues, code: int, names: pd.Series, most: int = 800) -> pd.DataFrame:
    """Points of the strip plot of class ``code``: columns ``feature`` (most important first), ``gene``, ``value``,
    ``contribution``, ``rank`` (of the value, 0 to 1), ``place`` (row of the feature, spread by density).
    """
    order = shap.importance.loc[shap.importance["class"] == code, "feature"].tolist()
    all_points = shap.contributions[shap.contributions["class"] == code]
    rows = all_points["row"].unique()
    kept = rows[np.linspace(0, len(rows) - 1, min(len(rows), most)).astype(int)]
    points = all_points[all_points["row"].isin(kept)]
    parts = []
    for at, feature in enumerate(order):
        mine = points[points["feature"] == feature].sort_values("row")
        rank = (mine["value"].rank() - 1) / max(len(mine) - 1, 1)
        place = at + _spread(mine["contribution"])
        parts.append(mine.assign(rank=rank, place=place))
    made: pd.DataFrame = pd.concat(parts, ignore_index=True)
    made["gene"] = names.iloc[made["row"]].to_numpy()
    return made


def _spread(values: pd.Series, bins: int = 60, half: float = 0.38) -> pd.Series:
    """Offsets that give crowded values room: within a bin points alternate outwards from the middle."""
    crowd = values.groupby(pd.cut(values, bins, labels=False) if values.nunique() > 1 else 0 * values)
    place = crowd.cumcount()
    step: pd.Series = ((place + 1) // 2) * (-1.0) ** place
    return step * (half / max(float(step.abs().max()), 1.0))


def _dominance(table: TableExplanation) -> Iterator[Part]:
    found = table.dominance
    if found is None:
        return
    needed = found.general.loc[found.general["last"] >= NEEDED, "feature"].tolist()
    adds = "No single feature is necessary: the others make up for it."
    if needed:
        adds = f"To all the others only {', '.join(needed)} still adds something."
    yield Chart(
        "Dominance analysis",
        f"General dominance shares out R² = {found.full_r2:.3f} of the full model. {adds} {found.note}",
        draw.dominance(found.general),
        f"General dominance: {told(found.general, 'general')}",
        found.general,
    )
    senses = strongest(found.pairs, found.general.set_index("feature")["general"])
    won = {str(row): int((senses.loc[row] == "complete").sum()) for row in senses.index}
    yield Chart(
        "Who dominates whom",
        "Row over column. Complete: adds at least as much to every model without the two; conditional: to models of "
        "each size on average; general: over all sizes on average. Blank: neither, or the row's itself adds nothing.",
        draw.dominates(senses),
        "Complete dominance: " + ", ".join(f"{feature} over {n} others" for feature, n in won.items()),
        senses.rename_axis("feature"),
    )
    yield Chart(
        "Conditional dominance",
        "What a feature adds to models that have so many others already; a line that falls to 0 can be replaced.",
        figures_paths.conditional_dominance(found.conditional),
        "Mean R² added by each feature against the number of features already in the model.",
        found.conditional.pivot(index="feature", columns="size", values="contribution").rename(
            columns=lambda size: f"{size} others"
        ),
    )


def strongest(pairs: pd.DataFrame, general: pd.Series) -> pd.DataFrame:
    """Rows and columns are features: the strongest sense in which the row's dominates the column's, or "".

    ``general``: feature -> general dominance; one below 0.01 adds nothing that could dominate.
    """
    order = list(general.index)
    senses = pd.Series("", index=pairs.index)
    for sense in ("general", "conditional", "complete"):
        senses[pairs[sense] & (pairs["feature"].map(general) >= NEEDED)] = sense
    wide = pairs.assign(sense=senses).pivot(index="feature", columns="other", values="sense")
    return wide.reindex(index=order, columns=order).fillna("")


def _lasso(table: TableExplanation, classes: Sequence[str]) -> Iterator[Part]:
    if table.path is not None:
        entered = table.path.entry.dropna()["feature"].tolist()
        named = table.path.coefficients.assign(**{"class": lambda f: [classes[code] for code in f["class"]]})
        chosen = "" if table.path.chosen_c is None else " Dotted upright: the C that the tuned LASSO chose."
        dashes = f" Solid, dashed, dotted: {', '.join(classes)}." if named["class"].nunique() > 1 else ""
        yield Chart(
            "LASSO path",
            f"Features that leave 0 first matter most to a model that may use few.{dashes}{chosen} {table.path.note}",
            figures_paths.lasso_path(named, table.path.chosen_c),
            f"Coefficients against C; features enter in the order {', '.join(entered)}.",
            table.path.entry.rename(columns={"C": "enters at C"}),
        )
    if table.stability is not None:
        stable = table.stability.features.loc[table.stability.features["stable"], "feature"].tolist()
        yield Chart(
            "Stability selection",
            f"Stable: {', '.join(stable) or 'none'}. {table.stability.note} Shaded: where that bound holds.",
            figures_paths.stability_path(
                table.stability.path, table.stability.region, table.stability.threshold
            ),
            f"Selection frequencies: {told(table.stability.features, 'frequency')}",
            table.stability.features,
        )
