"""Files over HTTP: the paths, forms that are sent, ranges that are asked for."""
