"""The ground every write and read stands on: versions, the identity of their history, what is remembered of them."""
