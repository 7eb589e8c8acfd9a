//! Where randomness comes from, so that tests can say what was drawn.
//!
//! The real source lives in `vault` (`SystemRandom`); this floor does no I/O and knows only the
//! shape. Clocks follow the same rule: see [`crate::Clock`].

/// A source of bytes fit for keys, salts and one-time codes.
///
/// SECURITY: an implementation outside tests must be cryptographically secure. There is no
/// result to look at, because no caller could go on without randomness: a source that runs dry
/// must stop the request itself.
pub trait Random: Send + Sync {
    /// Fills all of `bytes` with random values.
    fn fill(&self, bytes: &mut [u8]);
}
