"""Whether the tests would notice: small faults put into the security core, one at a time."""
