"""French and English catalogues, shared by the server and the desk. A missing string fails `make check`."""
