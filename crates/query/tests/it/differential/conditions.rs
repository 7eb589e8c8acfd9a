//! Random conditions, in the words that policy files and Postgres share.

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

use super::tables::{Column, Table, Ty};

/// A condition on a table's row, nested up to `depth`.
pub(crate) fn condition(random: &mut StdRng, table: &Table, schema: &str, depth: u32) -> String {
    let sub = |random: &mut StdRng| condition(random, table, schema, depth.saturating_sub(1));
    match random.random_range(0..if depth == 0 { 1 } else { 6 }) {
        1 => format!("({} AND {})", sub(random), sub(random)),
        2 => format!("({} OR {})", sub(random), sub(random)),
        3 => format!("NOT ({})", sub(random)),
        4 => format!(
            "(CASE WHEN {} THEN {} ELSE FALSE END)",
            sub(random),
            sub(random)
        ),
        _ => atom(random, table, schema),
    }
}

fn atom(random: &mut StdRng, table: &Table, schema: &str) -> String {
    let mut atoms = vec![
        "auth.jwt() ->> 'level' = 'high'".to_owned(),
        "auth.uid() IS NOT NULL".to_owned(),
    ];
    for column in table.columns {
        on_column(random, column, schema, &mut atoms);
    }
    atoms.choose(random).cloned().unwrap_or_default()
}

fn on_column(random: &mut StdRng, column: &Column, schema: &str, atoms: &mut Vec<String>) {
    let number = random.random_range(0..9);
    let name = column.name;
    match column.ty {
        Ty::Uuid => atoms.extend([
            format!("{name} = auth.uid()"),
            format!("{name} = auth.uid()"),
            format!("{name} IS DISTINCT FROM auth.uid()"),
            format!("({name} = auth.uid()) IS NOT FALSE"),
        ]),
        Ty::Bool => atoms.push(name.to_owned()),
        Ty::Int if name == "grp" => atoms.push(format!(
            "grp IN (SELECT m.grp FROM {schema}.members m WHERE m.uid = auth.uid())"
        )),
        Ty::Int => atoms.extend([
            format!("{name} > {number}"),
            format!("{name} <= {number}"),
            format!("COALESCE({name}, {number}) BETWEEN 2 AND 8"),
            format!("{name} IN (1, 2, 3, {number})"),
        ]),
        Ty::Text => atoms.extend([format!("{name} LIKE 'a%'"), format!("lower({name}) <> 'x'")]),
        Ty::Jsonb => atoms.push(format!("{name} ->> 'k' = 'apple'")),
        Ty::Mood => atoms.extend([format!("{name} = 'calm'"), format!("{name} <> 'cross'")]),
        Ty::Price => atoms.extend([format!("{name} > {number}"), format!("{name} IS NOT NULL")]),
        Ty::Tags => atoms.extend([
            format!("'apple' = ANY ({name})"),
            format!("{name}[1] = 'apple'"),
        ]),
        Ty::Span | Ty::Place => atoms.push(format!("{name} IS NOT NULL")),
        Ty::Label => atoms.push(format!("{name} = 'apple'")),
    }
}
