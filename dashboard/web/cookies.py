"""What the browser is given to be known by."""

COOKIE, DEVICE = "chenxi", "chenxi_device"
