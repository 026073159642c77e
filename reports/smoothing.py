"""Rates of small areas drawn towards that of the area around them (empirical Bayes).

Of an area with few answers the rate says little, so it is told as a mean of its own rate and the
parent's: the more its own rests on, and the more its neighbours under the same parent really
differ, the more its own counts. For reading only: clusters are judged on the areas' own rates, so
that more people asking at the same timeliness moves no label (DOMAIN.md §2.4).
"""

from __future__ import annotations

import numpy as np
import pandas as pd


def marshall(table: pd.DataFrame) -> pd.DataFrame:
    """Empirical Bayes rates, the parent as prior.

    Args:
        table: one row per area: events (>= 0), exposure (> 0; answers due, or days waited), parent.

    Returns:
        On its index: rate (events ÷ exposure), prior (the parent's areas together), weight (of the
        own rate, 0-1; 0 where areas under the parent differ no more than chance explains), smooth.

    Source: Marshall (1991), Applied Statistics 40(2), 283-294, moments within each parent.
    """
    if (table["exposure"] <= 0).any():
        raise ValueError("a rate needs an exposure above zero; leave areas without one out")
    events, exposure = table["events"].astype(float), table["exposure"].astype(float)
    parent = table["parent"]
    rate = events / exposure
    whole = exposure.groupby(parent).transform("sum")
    prior = events.groupby(parent).transform("sum") / whole
    spread = (exposure * (rate - prior) ** 2).groupby(parent).transform("sum") / whole
    between = (spread - prior / exposure.groupby(parent).transform("mean")).clip(lower=0.0)
    noise = prior / exposure
    total = between + noise
    weight = pd.Series(
        np.divide(between, total, out=np.zeros(len(total)), where=(total > 0).to_numpy()),
        index=table.index,
    )
    smooth = weight * rate + (1 - weight) * prior
    return pd.DataFrame({"rate": rate, "prior": prior, "weight": weight, "smooth": smooth})
