"""Several tables on the same genes: how far they agree, how far by luck, and what they say together."""
