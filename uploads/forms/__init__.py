"""What may be typed in about files."""
