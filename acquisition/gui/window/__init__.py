"""The window itself: its bar, pages, docks, and what it remembers."""
