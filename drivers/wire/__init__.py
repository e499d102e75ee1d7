"""What drivers share: the wires that instruments hang on, and how a wire tells who is at its end."""
