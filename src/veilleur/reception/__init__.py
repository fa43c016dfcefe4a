"""asyncio shells around the protocols, and the durable intake."""
