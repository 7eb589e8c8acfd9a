//! The differential gate: the same policies as files and as native row-level security.
//!
//! Each world is a schema with random data and random policies, written down twice: as policy
//! files and as `CREATE POLICY`. Each case is a random request under random claims. It runs once
//! rewritten by the policy files on a connection that no policy holds, and once unrewritten under
//! a role that native policies hold. Rows, counts, the class of the SQLSTATE and the final state
//! of all tables must be equal. The seed is printed; `POSTERN_SEED` and
//! `POSTERN_DIFFERENTIAL_CASES` repeat or lengthen a run.

mod policies;
mod requests;
mod run;
mod world;

use std::collections::BTreeMap;

use postern_query::Rules;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use run::Session;
use world::World;

/// Cases against one world before the next is made.
const CASES_PER_WORLD: usize = 25;

#[tokio::test]
async fn agrees_with_native_row_level_security() {
    let cases: usize = setting("POSTERN_DIFFERENTIAL_CASES").unwrap_or(1_000);
    let seed = setting("POSTERN_SEED").unwrap_or_else(rand::random::<u32>);
    println!("differential: seed {seed}, {cases} cases");
    let mut random = StdRng::seed_from_u64(u64::from(seed));
    let mut session = Session::start().await;
    let mut tally: BTreeMap<String, usize> = BTreeMap::new();

    for index in 0..cases.div_ceil(CASES_PER_WORLD) {
        let world = World::random(&mut random, index);
        let bound = session.enter(&world).await;
        for _ in 0..CASES_PER_WORLD {
            let case = requests::random(&mut random, &world);
            let ours = session.rewritten(&bound, &case, Rules::ALL).await;
            let native = session.native(&bound, &case).await;
            assert!(
                ours.agrees_with(&native),
                "seed {seed}\nours {ours:#?}\nnative {native:#?}\n{case:#?}\n{}\n{}",
                world.files_text(),
                session.last_sql
            );
            *tally.entry(ours.kind(&case)).or_default() += 1;
        }
    }

    println!("differential: {tally:?}");
    let refused: usize = tally
        .iter()
        .filter(|(kind, _)| kind.contains("error"))
        .map(|(_, n)| n)
        .sum();
    assert!(
        refused * 4 < cases * 3,
        "too many cases are refused to prove much: {tally:?}"
    );
    session.stop().await;
}

/// Every protection, taken out alone, must make some case differ.
#[tokio::test]
async fn notices_every_missing_protection() {
    const CASES_MAX: usize = 12_000;
    let mut random = StdRng::seed_from_u64(7);
    let mut session = Session::start().await;
    let mut alive: Vec<_> = run::mutants().collect();
    let mut killed = Vec::new();

    for index in 0..CASES_MAX / CASES_PER_WORLD {
        let world = World::random(&mut random, index);
        let bound = session.enter(&world).await;
        for _ in 0..CASES_PER_WORLD {
            let case = requests::random(&mut random, &world);
            let changed: Vec<_> = alive
                .iter()
                .copied()
                .filter(|(_, rules)| session.changes_statement(&bound, &case, *rules))
                .collect();
            if changed.is_empty() {
                continue;
            }
            let native = session.native(&bound, &case).await;
            for (name, rules) in changed {
                if !session
                    .rewritten(&bound, &case, rules)
                    .await
                    .agrees_with(&native)
                {
                    alive.retain(|(it, _)| *it != name);
                    killed.push(name);
                }
            }
        }
        if alive.is_empty() {
            break;
        }
    }

    println!("differential: killed {killed:?}");
    let names: Vec<_> = alive.iter().map(|(name, _)| *name).collect();
    assert!(
        names.is_empty(),
        "these protections can go unnoticed: {names:?}"
    );
    session.stop().await;
}

fn setting<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}
