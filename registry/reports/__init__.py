"""Reports of residents (公众报告): what somebody at a door says is wrong, and what became of it."""
