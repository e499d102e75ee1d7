"""Errors of storage: what could not be written, and what could not be read."""


class StorageError(Exception):
    """Data could not be stored; says where, why and what to do. What was stored before stays valid."""


class RecordingError(StorageError):
    """A recording cannot be read; names the file, the part of it, what is wrong and what is allowed."""
