//! What holds of the rewriter for any data, any request and any moment, each under its number.
//!
//! The first and the last, that it agrees with native row-level security and that a rewriter with
//! one rule taken out does not, are held by the differential test of the query crate. What is
//! random here prints its seed; `POSTERN_SEED` repeats it.

#![expect(clippy::print_stdout, reason = "seeds and sums are there to be read")]

mod alike;
mod answers;
mod bulk;
mod monotone;
mod plans;
mod races;
mod reload;
mod silence;
mod twins;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

/// Chance, under a seed that is printed and can be given.
fn chance(of: &str) -> StdRng {
    let given = std::env::var("POSTERN_SEED").ok();
    let seed = given
        .and_then(|it| it.parse().ok())
        .unwrap_or_else(rand::random::<u32>);
    println!("{of}: seed {seed}");
    StdRng::seed_from_u64(u64::from(seed))
}

/// More chance for another task.
fn fork(random: &mut StdRng) -> StdRng {
    StdRng::seed_from_u64(random.random())
}
