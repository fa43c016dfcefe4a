"""Images: mechanisms without database, features or web (docs/design/video.md)."""
