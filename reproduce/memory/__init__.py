"""The claims on memory: what contiguous memory wastes, what paging uses, how many more run.

The same backlogs are served on the reference's contiguous and paged memories of one size.
"""
