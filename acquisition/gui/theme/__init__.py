"""How the window looks: dark, light, or red for a dark room."""
