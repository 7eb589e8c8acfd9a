//! scrypt (RFC 7914) as PHC string: `$scrypt$ln=<log2 N>,r=<block>,p=<parallel>$salt$hash`.

use scrypt::{Params, scrypt};

use super::error::{HashError, Kind};
use super::fields::{self, Settings};
use crate::caps::{SCRYPT_FACTOR_MAX, SCRYPT_MEMORY_BYTES_MAX, SCRYPT_WORK_BYTES_MAX};

/// Highest `log2 N`; the memory cap refuses most of them.
const LOG_N_MAX: u32 = 24;

/// Everything of an scrypt hash but the digest.
#[derive(Clone)]
pub(crate) struct Recipe {
    cost: Cost,
    salt: Vec<u8>,
}

/// `N`, `r` and `p` within the caps, for plain scrypt and for Firebase's.
#[derive(Clone, Copy)]
pub(super) struct Cost {
    log_n: u8,
    r: u32,
    p: u32,
}

/// Reads what follows `$scrypt$`.
pub(super) fn parse(text: &str) -> Result<(super::Recipe, Vec<u8>), HashError> {
    let kind = Kind::Scrypt;
    let [settings, salt, digest] = fields::parts(kind, "parts", text)?;
    let mut settings = Settings::parse(kind, settings)?;
    let cost = Cost::take(kind, "ln", &mut settings)?;
    settings.finish()?;
    let recipe = Recipe {
        cost,
        salt: fields::salt(kind, salt, 1)?,
    };
    Ok((super::Recipe::Scrypt(recipe), fields::digest(kind, digest)?))
}

impl Recipe {
    /// The digest of a password.
    pub(super) fn derive(&self, password: &[u8], length: usize) -> Vec<u8> {
        self.cost.derive(password, &self.salt, length)
    }
}

impl Cost {
    /// Takes the three numbers; Firebase calls the first one `n`.
    pub(super) fn take(
        kind: Kind,
        log_n_name: &'static str,
        settings: &mut Settings<'_>,
    ) -> Result<Self, HashError> {
        let log_n = settings.number(log_n_name, 1..=LOG_N_MAX)?;
        let r = settings.number("r", 1..=SCRYPT_FACTOR_MAX)?;
        let p = settings.number("p", 1..=SCRYPT_FACTOR_MAX)?;
        let memory_bytes = 128 * u64::from(r) * (1 << log_n);
        if memory_bytes > SCRYPT_MEMORY_BYTES_MAX
            || memory_bytes * u64::from(p) > SCRYPT_WORK_BYTES_MAX
        {
            return Err(HashError::TooCostly { kind });
        }
        let log_n = u8::try_from(log_n).map_err(|_| HashError::Malformed {
            kind,
            part: log_n_name,
        })?;
        Ok(Self { log_n, r, p })
    }

    /// Runs scrypt.
    pub(super) fn derive(self, password: &[u8], salt: &[u8], length: usize) -> Vec<u8> {
        let params = Params::new(self.log_n, self.r, self.p)
            .expect("INVARIANT: the caps are far within scrypt's own bounds");
        let mut digest = vec![0; length];
        scrypt(password, salt, &params, &mut digest)
            .expect("INVARIANT: a digest is neither empty nor gigabytes long");
        digest
    }
}
