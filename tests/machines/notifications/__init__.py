"""When people are told, over all zones and three years of their clocks."""
