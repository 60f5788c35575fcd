"""Feature collections (要素集): the registry as flat rows with one geometry each, for map programs."""
