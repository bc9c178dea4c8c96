"""Mail of a process: what sends it, and the reports that come back."""
