"""Messages to a branch's chat groups: what is said, how it is sent, and the forms for it."""
