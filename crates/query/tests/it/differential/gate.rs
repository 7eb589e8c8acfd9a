//! The loop over shapes, worlds and cases, and its tally.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use postern_query::Rules;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::outcome::{Agreement, Departure, Traits};
use super::requests::{self, Case};
use super::run::{Both, Bound, Session};
use super::shape::Shape;
use super::world::World;

/// Cases against one world before the next is made.
pub(crate) const CASES_PER_WORLD: usize = 25;
/// Worlds of one shape before the next is made.
pub(crate) const WORLDS_PER_SHAPE: usize = 8;
/// Cases of one shape.
pub(crate) const CASES_PER_SHAPE: usize = CASES_PER_WORLD * WORLDS_PER_SHAPE;

/// What happened so far.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) cases: usize,
    pub(crate) refused: usize,
    /// By kind of request and outcome.
    pub(crate) outcomes: BTreeMap<String, BTreeMap<String, usize>>,
    pub(crate) departures: BTreeMap<Departure, usize>,
    /// The reports of all differences.
    pub(crate) differences: Vec<String>,
}

impl Tally {
    /// A shape that ended before its time.
    pub(crate) fn of_panic(seed: u32, shape: usize, panic: &tokio::task::JoinError) -> Self {
        Self {
            differences: vec![format!("seed {seed}, shape {shape}\n{panic}")],
            ..Self::default()
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.cases += other.cases;
        self.refused += other.refused;
        for (kind, words) in other.outcomes {
            let mine = self.outcomes.entry(kind).or_default();
            for (word, count) in words {
                *mine.entry(word).or_default() += count;
            }
        }
        for (departure, count) in other.departures {
            *self.departures.entry(departure).or_default() += count;
        }
        self.differences.extend(other.differences);
    }

    fn count(&mut self, case: &Case, both: &Both, agreement: Agreement) {
        self.cases += 1;
        self.refused += usize::from(both.ours.is_refused());
        let words = self.outcomes.entry(case.kind()).or_default();
        *words.entry(both.ours.word()).or_default() += 1;
        if let Agreement::Departs(departure) = agreement {
            *self.departures.entry(departure).or_default() += 1;
        }
    }
}

/// The random numbers of one shape: they depend on the seed and its number alone, so that it can
/// be made again without the ones before it.
pub(crate) fn random_of(seed: u32, shape: usize) -> StdRng {
    let shape = u64::try_from(shape).unwrap_or_default();
    StdRng::seed_from_u64((u64::from(seed) << 32) | shape)
}

/// Runs the cases of one shape.
pub(crate) async fn run_shape(session: &mut Session, seed: u32, index: usize) -> Tally {
    let mut random = random_of(seed, index);
    let mut tally = Tally::default();
    let shape = Shape::random(&mut random, index);
    let catalog = session.make(&shape).await;
    for _ in 0..WORLDS_PER_SHAPE {
        let world = World::random(&mut random, &shape);
        let bound = session.enter(&world, &catalog).await;
        for _ in 0..CASES_PER_WORLD {
            let case = requests::random(&mut random, &world);
            let both = session.both(&bound, &case).await;
            let agreement = settle(session, &bound, &case, &both, Rules::ALL).await;
            tally.count(&case, &both, agreement);
            if agreement == Agreement::Differs {
                tally
                    .differences
                    .push(report(seed, index, &case, &both, &world));
            }
        }
    }
    session.drop(&shape).await;
    tally
}

/// Decides about two outcomes, by a third run where it takes one.
pub(crate) async fn settle(
    session: &Session,
    bound: &Bound<'_>,
    case: &Case,
    both: &Both,
    rules: Rules,
) -> Agreement {
    let traits = Traits {
        waits: both.sql.contains("pg_catalog.count(CASE WHEN"),
        references: !case.is_call && bound.world.policies(case.name).references,
        ignores: case.prefer.contains("ignore"),
        changes: case.writes(),
        many_rows: case.method == postern_query::request::Method::Patch,
        skips: case.name == "tickets",
        one_row: case.name == "one_item",
    };
    match both.ours.agreement(&both.native, traits) {
        // Rows of a view that is not a policy's subject depend on rows that are.
        Agreement::IfSameWithoutHidden if case.name == "board" => {
            Agreement::Departs(Departure::OrderOfVisibleRows)
        }
        Agreement::IfSameWithoutHidden => {
            let statement = bound.rewritten(case, rules);
            let alone = session.ours_without_hidden(bound, case, statement).await;
            if alone.shows_same(&both.ours) {
                Agreement::Departs(Departure::OrderOfVisibleRows)
            } else {
                Agreement::Differs
            }
        }
        settled => settled,
    }
}

fn report(seed: u32, shape: usize, case: &Case, both: &Both, world: &World) -> String {
    let mut text = format!("seed {seed}, shape {shape}\n");
    let _ = writeln!(
        text,
        "ours {:#?}\nnative {:#?}\n{case:#?}",
        both.ours, both.native
    );
    let _ = writeln!(text, "{}\n{}", both.sql, world.report());
    text
}

impl Tally {
    /// Prints the record of the run.
    pub(crate) fn print(&self) {
        println!(
            "differential: {} cases, {} refused",
            self.cases, self.refused
        );
        for (kind, words) in &self.outcomes {
            let cases: usize = words.values().sum();
            println!("differential: {kind}: {cases} cases {words:?}");
        }
        for (departure, count) in &self.departures {
            println!("differential: departs by {departure:?}: {count}");
        }
        println!("differential: {} differences", self.differences.len());
    }
}
