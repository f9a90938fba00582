"""Metrics on folds and on the held-out part, always compared with the baseline."""
