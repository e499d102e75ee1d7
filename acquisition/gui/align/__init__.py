"""Finding and centring an emitter, and judging it before it is measured."""
