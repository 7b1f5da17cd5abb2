// Whoever sees the sign-in page is signed out: nobody's customers stay on this phone. Entries wait for their writer.
leave().catch(() => {}); // a browser that keeps nothing has nothing to forget
