//! The hunt for mutants: each must make some case differ from its native outcome.

use super::gate::{CASES_PER_WORLD, random_of, settle};
use super::mutants::{MUTANTS, Mutant};
use super::outcome::Agreement;
use super::requests::{self, Case};
use super::run::{Both, Bound, Session};
use super::shape::Shape;
use super::world::{Without, World};

/// Worlds of one shape before the next is made.
const WORLDS_PER_SHAPE: usize = 8;

/// How the hunt went.
pub(crate) struct Hunt {
    alive: Vec<&'static Mutant>,
    /// The mutants that were caught, and by which case.
    caught: Vec<(&'static str, usize)>,
    cases: usize,
}

impl Hunt {
    pub(crate) fn alive(&self) -> Vec<&'static str> {
        self.alive.iter().map(|it| it.name).collect()
    }

    /// Prints the table of mutants.
    pub(crate) fn print(&self) {
        println!("| mutant | caught after cases |\n|---|---|");
        for (name, cases) in &self.caught {
            println!("| {name} | {cases} |");
        }
        for it in &self.alive {
            println!("| {} | **survives {}** |", it.name, self.cases);
        }
    }
}

/// Hunts until all are caught or the cases are used up.
pub(crate) async fn hunt(session: &mut Session, seed: u32, cases_max: usize) -> Hunt {
    let mut hunt = Hunt {
        alive: MUTANTS.iter().collect(),
        caught: Vec::new(),
        cases: 0,
    };
    let mut index = 0;
    while hunt.cases < cases_max && !hunt.alive.is_empty() {
        let mut random = random_of(seed, index);
        let shape = Shape::random(&mut random, index);
        let catalog = session.make(&shape).await;
        for _ in 0..WORLDS_PER_SHAPE {
            let world = World::random(&mut random, &shape);
            let bound = session.enter(&world, &catalog).await;
            let mutated = Mutated::of(&bound, &hunt.alive);
            for _ in 0..CASES_PER_WORLD {
                let case = requests::random(&mut random, &world);
                hunt.cases += 1;
                hunt.try_case(session, &bound, &mutated, &case).await;
            }
        }
        session.drop(&shape).await;
        index += 1;
    }
    hunt
}

/// The bundles of mutants of files.
struct Mutated<'w>(Vec<(Without, Bound<'w>)>);

impl<'w> Mutated<'w> {
    fn of(bound: &Bound<'w>, alive: &[&Mutant]) -> Self {
        let of_files = alive.iter().map(|it| it.without());
        let of_files = of_files.filter(|it| *it != Without::Nothing);
        Self(of_files.map(|it| (it, bound.without(it))).collect())
    }

    fn bound<'b>(&'b self, mutant: &Mutant, whole: &'b Bound<'w>) -> &'b Bound<'w> {
        let found = self.0.iter().find(|(it, _)| *it == mutant.without());
        found.map_or(whole, |(_, bound)| bound)
    }
}

impl Hunt {
    async fn try_case(
        &mut self,
        session: &Session,
        bound: &Bound<'_>,
        mutated: &Mutated<'_>,
        case: &Case,
    ) {
        let whole = bound.rewritten(case, postern_query::Rules::ALL);
        let whole = whole
            .map(|it| format!("{} {:?}", it.sql(), it.params()))
            .ok();
        let mut native = None;
        for mutant in self.alive.clone() {
            let bound = mutated.bound(mutant, bound);
            let statement = bound.rewritten(case, mutant.rules());
            let Ok(statement) = statement else { continue };
            let sql = format!("{} {:?}", statement.sql(), statement.params());
            if whole.as_ref() == Some(&sql) {
                continue;
            }
            if native.is_none() {
                native = Some(session.native(bound, case).await);
            }
            let Some(native) = native.clone() else {
                continue;
            };
            let ours = session.ours(bound, case, Ok(statement)).await;
            let both = Both { ours, native, sql };
            let settled = settle(session, bound, case, &both, mutant.rules()).await;
            if settled == Agreement::Differs {
                self.alive.retain(|it| it.name != mutant.name);
                self.caught.push((mutant.name, self.cases));
            }
        }
    }
}
