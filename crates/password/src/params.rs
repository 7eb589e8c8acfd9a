//! The cost of Argon2, for new hashes and for imported ones.

use crate::caps::{
    ARGON2_LANES_MAX, ARGON2_MEMORY_KIB_MAX, ARGON2_PASSES_MAX, ARGON2_WORK_KIB_MAX,
};
use crate::stored::{HashError, Kind};

/// Memory, passes and lanes of Argon2, within [`crate::caps`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Params {
    /// OWASP's recommendation: 19 MiB, two passes, one lane.
    pub const OWASP: Self = Self {
        memory_kib: 19_456,
        passes: 2,
        lanes: 1,
    };

    /// Takes the cost from a configuration; refuses what Argon2 or the caps forbid.
    ///
    /// Values below OWASP's recommendation are allowed, because tests want cheap hashes: ask
    /// [`Params::meets_owasp`] before using them for people.
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, HashError> {
        Self {
            memory_kib,
            passes,
            lanes,
        }
        .check(Kind::Argon2id)
    }

    /// Memory in KiB.
    pub fn memory_kib(&self) -> u32 {
        self.memory_kib
    }

    /// Passes over the memory.
    pub fn passes(&self) -> u32 {
        self.passes
    }

    /// Lanes, which we compute one after the other.
    pub fn lanes(&self) -> u32 {
        self.lanes
    }

    /// Whether these are at least one of the equivalent settings of OWASP's cheat sheet.
    pub fn meets_owasp(&self) -> bool {
        const EQUIVALENT: [(u32, u32); 5] = [
            (47_104, 1),
            (19_456, 2),
            (12_288, 3),
            (9_216, 4),
            (7_168, 5),
        ];
        EQUIVALENT
            .iter()
            .any(|(memory_kib, passes)| self.memory_kib >= *memory_kib && self.passes >= *passes)
    }

    /// Checks the bounds; `kind` says whose numbers these are.
    pub(crate) fn parse(kind: Kind, m: u32, t: u32, p: u32) -> Result<Self, HashError> {
        Self {
            memory_kib: m,
            passes: t,
            lanes: p,
        }
        .check(kind)
    }

    fn check(self, kind: Kind) -> Result<Self, HashError> {
        let bounds =
            |parameter, value, min, max| HashError::check_bounds(kind, parameter, value, min..=max);
        bounds("p", self.lanes, 1, ARGON2_LANES_MAX)?;
        bounds("m", self.memory_kib, 8 * self.lanes, ARGON2_MEMORY_KIB_MAX)?;
        bounds("t", self.passes, 1, ARGON2_PASSES_MAX)?;
        let work_kib = u64::from(self.memory_kib) * u64::from(self.passes);
        if work_kib > ARGON2_WORK_KIB_MAX {
            return Err(HashError::TooCostly { kind });
        }
        Ok(self)
    }
}

impl Default for Params {
    fn default() -> Self {
        Self::OWASP
    }
}

#[cfg(test)]
mod tests {
    use super::Params;

    #[test]
    fn knows_the_recommendation() {
        assert!(Params::OWASP.meets_owasp());
        assert!(Params::new(65_536, 1, 1).is_ok_and(|params| params.meets_owasp()));
        assert!(Params::new(19_456, 1, 1).is_ok_and(|params| !params.meets_owasp()));
    }

    #[test]
    fn refuses_what_is_out_of_bounds() {
        for (memory_kib, passes, lanes) in [
            (7, 1, 1),
            (15, 1, 2),
            (8, 0, 1),
            (8, 1, 0),
            (262_145, 1, 1),
            (262_144, 5, 1),
        ] {
            assert!(
                Params::new(memory_kib, passes, lanes).is_err(),
                "{memory_kib} {passes}"
            );
        }
        assert!(Params::new(262_144, 4, 1).is_ok());
    }
}
