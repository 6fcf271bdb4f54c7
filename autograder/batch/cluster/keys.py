"""TLS for all that Dask says: a key of this session alone, in a folder that nobody else reads.

By default Dask takes pickled code from whoever reaches its port, and runs it as the instructor.
Here each side shows a certificate signed by the session's own key, or is refused.
"""

from __future__ import annotations

import os
from pathlib import Path

from distributed import Security

from autograder.batch.cluster.options import ClusterError

PROTOCOL = "tls://"


def make_keys(folder: Path) -> Security:
    """Make a key and a certificate in a new folder; what Dask needs to use them.

    Raises:
        ClusterError: files in that place are open to others whatever we say.
    """
    folder.mkdir(mode=0o700, parents=True)
    made = Security.temporary()
    cert, key = folder / "cert.pem", folder / "key.pem"
    for file, text in ((cert, made.tls_scheduler_cert), (key, made.tls_scheduler_key)):
        with open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as open_file:
            open_file.write(text)
    for path in (folder, cert, key):
        state = path.stat()
        if state.st_mode & 0o077 or state.st_uid != os.geteuid():
            raise ClusterError(f"{path}: others may read it; this file system keeps no secrets")
    files = {"ca_file": cert}
    for role in ("client", "scheduler", "worker"):
        files |= {f"{role}_cert": cert, f"{role}_key": key}
    names = {f"tls_{name}": str(file) for name, file in files.items()}
    return Security(require_encryption=True, **names)
