"""Boundary updates (界线更新): what surveyors propose, how it is judged, how it enters the registry."""
