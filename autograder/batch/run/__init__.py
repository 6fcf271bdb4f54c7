"""Grade a class on a pool of processes, so that nothing is lost and nothing is done twice."""
