"""What the steps of a sequence do with the instruments."""
