"""What surveyors deliver: files of seven formats, read in a process of their own within limits."""
