"""The operator's window: one client of a session in another process. The only package that imports Qt."""
