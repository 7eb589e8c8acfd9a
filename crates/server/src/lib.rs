//! Configuration, middleware order, mounting, reloading and graceful shutdown.
