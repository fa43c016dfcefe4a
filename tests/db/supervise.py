"""Supervises a cluster until killed: `python supervise.py DATA_DIR`; prints the postmaster's pid."""

import sys
import time
from pathlib import Path

from veilleur.db.embedded import EmbeddedPostgres

if __name__ == "__main__":
    cluster = EmbeddedPostgres(Path(sys.argv[1]))
    cluster.start()
    print(cluster.pid, flush=True)
    time.sleep(600)
