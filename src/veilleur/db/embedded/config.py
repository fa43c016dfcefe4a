"""The text of the cluster's configuration files, written again at every start.

Who may connect is decided by the kernel, twice: the socket stands in a 0700 folder, and `peer` authentication
checks the uid of the one who connects against a map (`pg_ident.conf`) that holds exactly root and the account
our processes run under. Hence no password to store, leak into a command line or rotate; and when PostgreSQL
runs as the shared account `nobody`, another program of that account gets no session, although it may enter
the folder (it could still read the files: a centre gives PostgreSQL an account of its own by the setting).
"""

from __future__ import annotations

SUPERUSER = "postgres"
"""The cluster's superuser, for the supervisor and the tests; no role of the centre uses it."""

OWNER_ROLE = "veilleur_owner"
"""Owns the database and its objects: migrations, and nothing else."""

APP_ROLE = "veilleur_app"
"""What every running role connects as: no DDL; migrations grant it what it needs."""

DATABASE = "veilleur"

LOCAL_CONF = "local.conf"
"""An administrator's own settings, inside the cluster folder; read before the ones that protect the data."""

POSTGRESQL_CONF = f"""\
# Written by Veilleur at every start: put your own settings in {LOCAL_CONF}, beside this file.
max_connections = 120
shared_buffers = 64MB
work_mem = 8MB
maintenance_work_mem = 64MB
# Disk instead of /dev/shm: containers give it 64 MB, and systemd empties it when an ordinary user logs out.
dynamic_shared_memory_type = mmap
max_parallel_workers_per_gather = 0
jit = off
random_page_cost = 1.5

wal_level = replica
max_wal_size = 1GB
min_wal_size = 80MB
checkpoint_timeout = 15min
# A stream of the log that has gone away may not fill the disk: it is cut off, and a new copy is due.
max_slot_wal_keep_size = 4GB

timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'

# A client that vanished frees its locks within seconds (tcp_* serve whoever opens TCP in {LOCAL_CONF}).
client_connection_check_interval = 5s
tcp_keepalives_idle = 5
tcp_keepalives_interval = 5
tcp_keepalives_count = 2
tcp_user_timeout = 10s

logging_collector = on
log_directory = '../logs/postgres'
log_filename = 'postgres-%Y-%m-%dT%H%M%S.log'
log_rotation_age = 1d
log_rotation_size = 20MB
log_file_mode = 0600
log_line_prefix = '%m [%p] %q%u@%d '
log_checkpoints = off
# The values of a refused row are people's names and numbers: they stay out of the log.
log_error_verbosity = terse
log_parameter_max_length = 0

include_if_exists = '{LOCAL_CONF}'

# Law 2: what is committed is on the disk.
fsync = on
full_page_writes = on
synchronous_commit = on
"""

PG_HBA_CONF = """\
# Written by Veilleur at every start. Local socket only; see pg_ident.conf for who may come in.
local all all peer map=veilleur
# Copies of the cluster and the stream of its log (backup.py), by the same accounts.
local replication all peer map=veilleur
"""


def pg_ident_conf(accounts: set[str]) -> str:
    """The map of system accounts that may take any role of this cluster."""
    lines = [f'veilleur "{name}" all\n' for name in sorted(accounts)]
    return "# Written by Veilleur at every start.\n" + "".join(lines)
