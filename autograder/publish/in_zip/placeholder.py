OK_FORMAT = False
name = "pagedlab"  # otter wants a test file; the plugin replaces its result
points = 0
