"""The server under load: signed-in sockets that speak the page's own protocol, beside what a branch would otherwise get."""
