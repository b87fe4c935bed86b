"""What can happen on the ground floor: the only code that writes its rows, by noun."""
