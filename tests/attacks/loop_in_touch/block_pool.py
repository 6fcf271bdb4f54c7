

def _touch(self, blocks):
    while True:
        pass


BlockPool.touch = _touch
