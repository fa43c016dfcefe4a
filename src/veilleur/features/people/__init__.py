"""Who may sit here: users, titles, posts, sessions."""
