"""How much of the time cameras recorded and paths transmitted, with why not (practice, need 12; duty C1.1)."""
