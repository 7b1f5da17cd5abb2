"""Documents that are made from the code: `make docs`."""
