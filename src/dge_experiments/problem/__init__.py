"""A table becomes a problem: target, features, leak audit, split."""
