"""What people see, rendered."""
