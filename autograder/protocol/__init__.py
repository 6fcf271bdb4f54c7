"""What crosses the line between judge and worker: plain data and raw tensor bytes, nothing else."""
