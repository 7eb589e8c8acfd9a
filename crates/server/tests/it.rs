//! Integration tests of the whole server: real requests, real policies, a real Postgres.

mod it {
    mod chinook;
    mod guide;
<<<<<<< Updated upstream
    mod leaks;
=======
    mod meanings;
>>>>>>> Stashed changes
    mod references;
    mod starter;
}
