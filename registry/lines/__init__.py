"""Boundary lines (界线) and markers (界桩) as objects: agreement, status, inspections, numbers."""
