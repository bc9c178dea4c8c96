"""Images: where they were taken is removed, smaller pictures of them are made."""
