//! Passwords: hashing new ones, verifying imported hashes, judging strength, asking about leaks.
//!
//! Everything here is pure and works on the processor alone. The bounded pool that runs it, the
//! call to the leak service and the wire texts are `auth`'s; randomness comes in through
//! [`postern_base::Random`].
//!
//! # What is compared
//!
//! New hashes are always Argon2id over the password in the form of RFC 8265's `OpaqueString`: NFC,
//! and every Unicode space as U+0020. So an accent typed on one device matches the same accent
//! from another. NFKC would also merge characters that people see as different, and is not used.
//! Imported hashes were made over whatever bytes the other system was sent. Therefore a password
//! that is not in that form already (ASCII always is) is tried twice: first prepared, then raw.
//! Nothing is ever cut, but see bcrypt below.
//!
//! # Where the formats come from
//!
//! - Argon2: RFC 9106 in the PHC string format, version 16 or 19, without `keyid` and `data`.
//! - bcrypt: `$2a$`, `$2b$`, `$2y$`. bcrypt reads 72 bytes and ignores the rest, so an imported
//!   hash accepts what it accepted before; the first sign-in replaces it by one over everything.
//!   `$2x$` marks hashes of a broken implementation and is refused.
//! - scrypt: RFC 7914 as PHC string `$scrypt$ln=,r=,p=$salt$hash`, which Passlib writes too.
//! - Firebase's scrypt in the form that Supabase imports:
//!   `$fbscrypt$v=1,n=14,r=8,p=1,ss=<separator>,sk=<signer key>$<salt>$<hash>`.
//! - PBKDF2: RFC 8018 as PHC string `$pbkdf2-sha256$i=,l=$salt$hash`, Passlib's
//!   `$pbkdf2-sha256$<rounds>$salt$hash`, Django's `pbkdf2_sha256$<rounds>$<salt text>$hash`;
//!   with SHA-1, SHA-256 and SHA-512.
//!
//! Base64 is read in its standard, URL-safe and Passlib alphabets, with or without padding.

pub mod caps;
mod hasher;
mod params;
mod prepare;
pub mod pwned;
mod stored;
pub mod strength;

pub use hasher::{Hasher, WorkError};
pub use params::Params;
pub use stored::{HashError, Kind, Rehash, StoredHash, Verdict};
