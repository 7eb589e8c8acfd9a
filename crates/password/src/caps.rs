//! What one password or one imported hash may cost at most.
//!
//! The parameters of a hash are somebody else's numbers: without caps, one imported row could
//! ask for gigabytes at every sign-in attempt. The caps leave room for every recommendation of
//! OWASP's cheat sheet and keep the dearest verification below two seconds on one core; Supabase
//! allows four times the memory. They are checked when a hash is parsed, so at import as well as
//! at sign-in.

/// Longest password in bytes; a longer one is never hashed and never matches.
pub const PASSWORD_BYTES_MAX: usize = 4096;
/// Longest stored hash in bytes, its settings and salt included.
pub const HASH_TEXT_BYTES_MAX: usize = 1024;
/// Longest salt in bytes.
pub const SALT_BYTES_MAX: usize = 128;
/// Shortest digest in bytes; a shorter one would match other passwords by chance.
pub const DIGEST_BYTES_MIN: usize = 16;
/// Longest digest in bytes.
pub const DIGEST_BYTES_MAX: usize = 128;

/// Most memory of Argon2 in KiB: 256 MiB.
pub const ARGON2_MEMORY_KIB_MAX: u32 = 256 * 1024;
/// Most passes of Argon2.
pub const ARGON2_PASSES_MAX: u32 = 16;
/// Most lanes of Argon2.
pub const ARGON2_LANES_MAX: u32 = 16;
/// Most memory times passes of Argon2 in KiB: 1 GiB.
pub const ARGON2_WORK_KIB_MAX: u64 = 1024 * 1024;

/// Highest cost of bcrypt: two to this power rounds.
pub const BCRYPT_COST_MAX: u32 = 15;

/// Most memory of scrypt in bytes: 256 MiB.
pub const SCRYPT_MEMORY_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Most memory times parallelism of scrypt in bytes: 512 MiB.
pub const SCRYPT_WORK_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Largest block size `r` and parallelism `p` of scrypt, each.
pub const SCRYPT_FACTOR_MAX: u32 = 64;

/// Most rounds of PBKDF2 times blocks of output.
pub const PBKDF2_ROUNDS_MAX: u32 = 3_000_000;
