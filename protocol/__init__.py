"""What is said on the wire: commands, events, objects, errors and codecs. No I/O and no clock."""
