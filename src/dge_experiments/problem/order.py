"""An order of the genes that does not depend on the order of the file."""

import numpy as np
import numpy.typing as npt
import pandas as pd


def by_id(ids: pd.Series, values: pd.DataFrame, seed: int) -> npt.NDArray[np.int32]:
    """Row positions sorted by a hash (SipHash) of the seed and the row's id, shape (genes,).

    Rows with one id are in the order of their values; equal rows may be exchanged.

    Parameters
    ----------
    ids : of the genes, shape (genes,)
    values : rows are genes, numbers
    seed : 0 or more; another one gives another order
    """
    key = f"{seed:016d}"[-16:]
    hashed = pd.util.hash_array(ids.astype(str).to_numpy(dtype=object), hash_key=key, categorize=False)
    order = np.argsort(hashed, kind="stable")
    if np.any(np.diff(hashed[order].view(np.int64)) == 0):
        columns = [values[column].to_numpy(np.float64) for column in sorted(map(str, values), reverse=True)]
        order = np.lexsort([*columns, hashed])
    return order.astype(np.int32)
