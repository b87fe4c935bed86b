"""What may be typed in about forms."""
