"""Own rates where own numbers are few: drawn towards the branch, the more the fewer they are (empirical Bayes)."""

import polars as pl

# How far managers of a branch are taken to differ, as the standard deviation of their rates over the mean rate, when a
# branch's own numbers say less or more: nobody is exactly like their colleagues, and a few cases do not make a class apart.
LEAST_SPREAD, MOST_SPREAD = 0.2, 0.5
UTMOST = 0.99


def with_shrunk_rates(managers: pl.DataFrame) -> pl.DataFrame:
    """Adds to one row a manager and branch (branch, trials, expected, came) their `rate`, `factor`, by how much it
    exceeds what the branch's would have given on the same trials, and the factor's `spread`, its relative variance.

    `trials` count as much of each as has been watched, `expected` is what the branch's rate makes of them. The rate is
    the posterior mean of a beta-binomial whose prior has the branch's mean, and the weight that the method of moments
    gives it. Without trials the rate is the branch's, and without any in the branch null. Sources: G. Casella, An
    introduction to empirical Bayes data analysis, Am. Stat. 39 (1985); J. C. Kleinman, Proportions with extraneous
    variance, JASA 68 (1973); R. DerSimonian, N. Laird, Meta-analysis in clinical trials (1986)."""
    n, x, e = pl.col("trials"), pl.col("came"), pl.col("expected")
    whole = pl.when(n.sum() > 0).then(e.sum() / n.sum()).clip(upper_bound=UTMOST).over("branch")
    own = pl.when(n > 0).then((e / n).clip(upper_bound=UTMOST))
    table = managers.with_columns(whole=whole, base=pl.coalesce(own, whole))
    p = pl.col("base")
    # How much more the managers differ than chance alone would have them.
    surplus = pl.when(n > 0, p > 0).then((x - e) ** 2 / (n * p * (1 - p))).sum() - ((n > 0) & (p > 0)).sum() + 1
    size = n.sum() - (n**2).sum() / n.sum()
    among = pl.when(size > 1).then(surplus / size).otherwise(0.0).over("branch") * p * (1 - p)
    spread = among.clip((LEAST_SPREAD * p) ** 2, (MOST_SPREAD * p) ** 2)
    weight = pl.when(p > 0).then((p * (1 - p) / spread - 1).clip(lower_bound=1.0))
    table = table.with_columns(weight=weight)
    rate = ((x + pl.col("weight") * p) / (n + pl.col("weight"))).clip(upper_bound=UTMOST)
    table = table.with_columns(rate=pl.coalesce(rate, p))
    certainty = (1 - pl.col("rate")) / (pl.col("rate") * (n + pl.col("weight") + 1))
    return table.with_columns(
        factor=pl.when(p > 0).then(pl.col("rate") / p).otherwise(1.0),
        spread=pl.when(p > 0).then(certainty).otherwise(0.0),
    ).drop("whole", "weight")
