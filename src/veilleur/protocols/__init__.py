"""Sans-IO codecs: bytes in, events out. No socket, no clock, no log, no database."""
