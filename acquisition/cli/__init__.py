"""The `cascadescope` command."""
