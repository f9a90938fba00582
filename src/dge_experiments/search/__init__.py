"""Search spaces, strategies, and the engine that evaluates many candidates on many folds."""
