"""The face existing Nominatim clients know: its parameters, its formats, its errors."""
