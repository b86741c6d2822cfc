"""The background surface: what runs a job, and when."""
