"""The batch's graders on the nodes of a cluster. Dask is imported only if they are asked for."""
