"""Commands in Linux namespaces: what they write goes into overlays of the kernel, and nowhere else."""
