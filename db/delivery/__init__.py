"""Messages to a branch's chat groups: hosts an administrator has named, robots, and a queue that sends nothing twice."""
