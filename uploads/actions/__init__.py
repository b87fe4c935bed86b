"""What can happen to files: sent, checked, opened, withdrawn, shared; asked for and answered."""
