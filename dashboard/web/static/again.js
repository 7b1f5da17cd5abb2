// The session has ended: the same address again, which leads to the sign-in page and from there back here.
window.location.reload();
