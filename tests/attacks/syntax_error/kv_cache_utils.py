

def half_written(:
