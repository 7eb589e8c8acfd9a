//! Random filters, many of them on operators that are not leakproof.

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

use super::super::data::{PEOPLE, mood, word};
use super::super::tables::{Column, Table, Ty};
use super::Draft;

impl Draft<'_> {
    /// Adds up to two filters on the rows at `path`.
    pub(super) fn filters(&mut self, random: &mut StdRng, table: &'static Table, path: &str) {
        for _ in 0..random.random_range(0..3) {
            let filter = self.filter(random, table, path);
            self.query.extend(filter);
        }
    }

    /// One filter on the rows at `path`.
    pub(super) fn filter(
        &self,
        random: &mut StdRng,
        table: &'static Table,
        path: &str,
    ) -> Option<String> {
        let columns = self.columns(random, table, "select");
        let column = columns.choose(random)?;
        if random.random_bool(0.1) {
            let (one, two) = (self.logic(random, column), columns.choose(random)?);
            let two = self.logic(random, two);
            return Some(format!("{path}or=({one},{two})"));
        }
        let operation = operation(random, column);
        Some(format!("{path}{operation}"))
    }

    /// A filter as it stands inside of `or`.
    fn logic(&self, random: &mut StdRng, column: &Column) -> String {
        let name = column.name;
        match column.ty {
            Ty::Int | Ty::Price => format!("{name}.lt.{}", random.random_range(0..9)),
            Ty::Text | Ty::Label => format!("{name}.like.{}*", word(random)),
            _ => format!("{name}.is.null"),
        }
    }
}

fn operation(random: &mut StdRng, column: &Column) -> String {
    let name = column.name;
    let number = random.random_range(0..12);
    let text = word(random);
    let options = match column.ty {
        Ty::Int | Ty::Price => vec![
            format!("{name}=eq.{number}"),
            format!("{name}=gt.{number}"),
            format!("{name}=in.(1,2,{number})"),
            format!("{name}=not.is.null"),
            format!("{name}=isdistinct.{number}"),
        ],
        Ty::Text => vec![
            format!("{name}=like.a*"),
            format!("{name}=match.^[{text}"),
            format!("{name}=match.^{text}"),
            format!("{name}=ilike.*A*"),
            format!("{name}=not.eq.{text}"),
            format!("{name}=fts.{text}"),
        ],
        Ty::Bool => vec![format!("{name}=is.true"), format!("{name}=not.is.true")],
        Ty::Uuid => vec![format!("{name}=eq.{}", PEOPLE[random.random_range(0..3)])],
        Ty::Jsonb => vec![
            format!("{name}->>k=eq.{text}"),
            format!("{name}=cs.{{\"k\":\"{text}\"}}"),
            format!("{name}->k=not.is.null"),
            format!("{name}->n=gt.{number}"),
        ],
        Ty::Mood => vec![
            format!("{name}=eq.{}", mood(random)),
            format!("{name}=in.(calm,{})", mood(random)),
            format!("{name}=gt.calm"),
        ],
        Ty::Tags => vec![
            format!("{name}=cs.{{{text}}}"),
            format!("{name}=ov.{{{text},bread}}"),
            format!("{name}=not.is.null"),
        ],
        Ty::Span => vec![
            format!("{name}=ov.[1,4)"),
            format!("{name}=sl.[{number},20)"),
            format!("{name}=adj.[{number},20)"),
        ],
        Ty::Place => vec![
            format!("{name}=is.null"),
            format!("{name}->>x=eq.{number}"),
            format!("{name}->y=not.is.null"),
        ],
        Ty::Label => vec![
            format!("{name}=eq.{}", text.to_uppercase()),
            format!("{name}=like.A*"),
        ],
    };
    options.choose(random).cloned().unwrap_or_default()
}
