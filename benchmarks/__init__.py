"""What Chenxi takes, measured beside its peers in one run: `python -m benchmarks` writes docs/benchmarks.md."""
