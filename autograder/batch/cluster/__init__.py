"""The batch's graders on the nodes of a cluster. Nothing here is imported unless it is asked for."""
