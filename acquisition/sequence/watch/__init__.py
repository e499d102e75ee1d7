"""When a run is suspended by itself, and when it goes on: conditions of a sequence and who judges them."""
