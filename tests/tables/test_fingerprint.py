"""Numbers for ids and rows: the same for the same, different for the different, whatever the chunks."""

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from dge_experiments.tables import fingerprint


@given(st.lists(st.text(max_size=30), min_size=1, max_size=60))
def test_equal_texts_have_equal_numbers_and_no_others(texts):
    numbers = fingerprint.hashes(pd.Series(texts, dtype="str"))
    assert len(numbers) == len(texts)
    assert len(set(numbers.tolist())) == len(set(texts))
    assert len({*zip(texts, numbers.tolist(), strict=True)}) == len(set(texts))


def test_chunks_and_neighbours_do_not_matter():
    texts = ["ENSG00000000003", "ENSG00000000005", "ENSG00000000419"]
    alone = [int(fingerprint.hashes(pd.Series([t], dtype="str"))[0]) for t in texts]
    chunked = pa.chunked_array([texts[:1], texts[1:]], pa.large_string()).to_pandas()
    assert fingerprint.hashes(chunked).tolist() == alone
    assert (
        fingerprint.hashes(pd.Series([*texts, "a longer id than the others"], dtype="str")).tolist()[:3]
        == alone
    )


def test_a_million_consecutive_ids_are_distinct():
    numbers = fingerprint.hashes(pd.Series([f"ENSG{i:011d}" for i in range(1_000_000)], dtype="str"))
    assert fingerprint.repeated(numbers) is None


@given(st.lists(st.integers(0, 9), max_size=30), st.sampled_from([0, 32, 48]))
def test_repeated_keys_are_those_that_pandas_calls_duplicated(numbers, shift):
    keys = np.array(numbers, np.uint64) << np.uint64(shift)  # near each other, or alike in one half
    expected = pd.Series(keys).duplicated().to_numpy()
    found = fingerprint.repeated(keys)
    assert found is None if not expected.any() else (found == expected).all()


def test_the_digest_sees_values_order_and_names():
    rows = fingerprint.mixed({"a": np.array([1.0, 2.0]), "b": np.array([3.0, 4.0])})
    swapped = fingerprint.mixed({"a": np.array([2.0, 1.0]), "b": np.array([4.0, 3.0])})
    other = fingerprint.mixed({"a": np.array([1.0, 2.0]), "b": np.array([3.0, 4.0 + 1e-15])})
    digests = [
        fingerprint.digest(n, r) for n, r in (("ab", rows), ("ab", swapped), ("ab", other), ("ac", rows))
    ]
    assert len(set(digests)) == 4
    assert all(len(d) == 16 for d in digests)
