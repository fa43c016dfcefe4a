"""One script per figure. Each prints a table and one JSON line; a peer is measured in the same run, alternating."""
