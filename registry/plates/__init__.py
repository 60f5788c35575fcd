"""Door plates (门楼牌): what was issued for which door, what became of it, what must be remade."""
