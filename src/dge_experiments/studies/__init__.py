"""Several tables on the same genes: how far they agree, how much of that is luck, and their consensus."""
