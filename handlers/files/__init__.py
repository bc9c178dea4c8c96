"""Files: uploaded, recognised, handed out."""
