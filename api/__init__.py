"""The doors: HTTP, pages, command line. The only room that reads settings, tells time, commits."""
