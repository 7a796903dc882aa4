"""The parts of `generate_sample.py`: chance, the simulated world, and its two exports."""
