"""Results as orchestrators hand them over, with every party named by whoever asks."""
