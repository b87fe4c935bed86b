"""What can happen to insurances: what clients say about them, and what the practice makes of it."""
