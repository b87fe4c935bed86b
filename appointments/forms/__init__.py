"""What clients and staff type about appointments."""
