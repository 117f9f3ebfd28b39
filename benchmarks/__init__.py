"""What extraction costs: `make bench` (README.md beside this file says what each figure is)."""
