"""One connection's two ends: frames read, frames written, signs of life."""
