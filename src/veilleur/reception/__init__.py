"""Reception: asyncio shells around the codecs, and the durable intake. No ORM, no decision, no HTTP application."""
