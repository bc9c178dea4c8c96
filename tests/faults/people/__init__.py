"""Who is shown as present when processes die."""
