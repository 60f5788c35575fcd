"""Copies (副本) that follow a registry: another registry, or a plain GeoPackage."""
