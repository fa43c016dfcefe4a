"""FTP, as much of its server's side as a camera that deposits pictures needs (RFC 959, 2389, 2428, 4217). Sans-IO."""
