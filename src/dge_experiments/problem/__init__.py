"""A table becomes a problem: target rules, feature sets, leak audit, split."""
