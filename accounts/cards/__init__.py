"""What the ground floor puts on other pages: the staff's home, and a client's record."""
