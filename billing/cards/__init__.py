"""What billing puts on other pages."""
