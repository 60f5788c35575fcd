"""Files of addresses geocoded row by row: read as a stream, answered in blocks, written in order."""
