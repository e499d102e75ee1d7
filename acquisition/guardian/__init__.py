"""A small process that outlives the session: if that dies or hangs, it ends it and makes the instruments safe.

Three processes take part, and each says of the others what it knows over connections on this computer:
the *launcher* is what the user has started; the *guardian* is its child, in a process group of its own, so that Ctrl-C
does not reach it; the *session* is the guardian's child and works in the launcher's terminal and process group.
"""
