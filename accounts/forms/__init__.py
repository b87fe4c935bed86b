"""What may be typed in, page by page."""
