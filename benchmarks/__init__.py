"""What is measured, each by a command that prints a figure; `python -m benchmarks` prints them all."""
