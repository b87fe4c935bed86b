"""What can happen to appointments."""
