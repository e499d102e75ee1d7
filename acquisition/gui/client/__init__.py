"""What the window knows of its session, and how it asks for something: without Qt, and without ever waiting."""
