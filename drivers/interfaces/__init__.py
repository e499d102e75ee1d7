"""What may be asked of an instrument. Imports numpy and the standard library only."""
