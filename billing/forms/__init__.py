"""What may be typed in about insurance."""
