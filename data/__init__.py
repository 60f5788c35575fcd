"""The data room: importers of published sources, shipped reference files, the demonstration city."""
