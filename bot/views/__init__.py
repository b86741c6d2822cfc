"""Results in, Block Kit out: pure functions."""
