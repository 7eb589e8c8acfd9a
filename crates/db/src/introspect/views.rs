//! The keys of views: a view shows columns of tables, and with them their foreign keys.
//!
//! The server remembers for each column of a view which table's column it passes on. A foreign key
//! whose columns are all passed on holds for the view too, so that it can be embedded like its
//! table. Primary and unique keys hold only where one row of the view is one row of the table.

use std::collections::HashMap;

use postern_catalog::{ForeignKey, PassedOn, Relation, UniqueKey};
use tokio_postgres::Row;

use super::get;
use crate::Error;

/// A column of a view that passes on a column of a relation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Origin {
    /// The view's column.
    position: i16,
    /// The relation that it comes from.
    relation: u32,
    /// That relation's column.
    column: i16,
}

/// What is known of one view.
struct View {
    oid: u32,
    is_simple: bool,
    origins: Vec<Origin>,
}

/// Gives each view the keys that its columns carry, and says what each view passes on. Views on
/// views take several rounds.
pub(super) fn complete(relations: &mut [Relation], rows: &[Row]) -> Result<Vec<PassedOn>, Error> {
    let views: Vec<View> = rows.iter().map(view).collect::<Result<_, Error>>()?;
    let index: HashMap<u32, usize> = relations
        .iter()
        .enumerate()
        .map(|(index, relation)| (relation.oid, index))
        .collect();
    for _ in 0..views.len() {
        let mut changed = false;
        for view in &views {
            changed |= carry_keys(relations, &index, view);
        }
        if !changed {
            break;
        }
    }
    let passed_on = views.iter().flat_map(|it| passed_on(relations, &index, it));
    Ok(passed_on.collect())
}

/// The columns that a view passes on, by the relation that they are of.
fn passed_on(relations: &[Relation], index: &HashMap<u32, usize>, view: &View) -> Vec<PassedOn> {
    let Some(own) = index.get(&view.oid).map(|it| &relations[*it]) else {
        return Vec::new();
    };
    let bases = bases(view).into_iter().filter_map(|it| index.get(&it));
    bases
        .map(|base| {
            let base = &relations[*base];
            let first =
                |(there, here): (String, Vec<String>)| Some((there, here.into_iter().next()?));
            let names = names(own, base, view).into_iter();
            let mut columns: Vec<_> = names.filter_map(first).collect();
            columns.sort_unstable();
            PassedOn {
                view: own.name.clone(),
                base: base.name.clone(),
                columns,
            }
        })
        .collect()
}

/// The relations that a view's columns come from, each once.
fn bases(view: &View) -> Vec<u32> {
    let mut bases: Vec<u32> = view.origins.iter().map(|it| it.relation).collect();
    bases.sort_unstable();
    bases.dedup();
    bases
}

fn view(row: &Row) -> Result<View, Error> {
    Ok(View {
        oid: get(row, 0)?,
        is_simple: get(row, 1)?,
        origins: origins(get(row, 2)?),
    })
}

/// Carries keys over from the relations that a view reads; says whether it has new ones.
fn carry_keys(relations: &mut [Relation], index: &HashMap<u32, usize>, view: &View) -> bool {
    let Some(&own) = index.get(&view.oid) else {
        return false;
    };
    let mut found = Keys::default();
    for base in bases(view) {
        if let Some(&base) = index.get(&base) {
            let names = names(&relations[own], &relations[base], view);
            found.collect(&relations[base], &names, view.is_simple);
        }
    }
    found.give(&mut relations[own])
}

/// Names of a relation's columns, and what a view calls them: usually one name each.
type Names = HashMap<String, Vec<String>>;

/// Most foreign keys that one of a table's becomes in a view that shows its columns several times.
const FOREIGN_KEYS_MAX: usize = 8;

fn names(own: &Relation, base: &Relation, view: &View) -> Names {
    let name = |relation: &Relation, attnum: i16| {
        let column = relation.columns.iter().find(|it| it.attnum == attnum);
        column.map(|it| it.name.clone())
    };
    let mut names = Names::new();
    for origin in view.origins.iter().filter(|it| it.relation == base.oid) {
        if let (Some(there), Some(here)) = (name(base, origin.column), name(own, origin.position)) {
            names.entry(there).or_default().push(here);
        }
    }
    names
}

/// All ways in which a view shows these columns; a request says by a column's name which it means.
fn ways(columns: &[String], names: &Names) -> Vec<Vec<String>> {
    let mut ways = vec![Vec::new()];
    for column in columns {
        let shown = names.get(column).map_or(&[][..], Vec::as_slice);
        let longer = ways.iter().flat_map(|way: &Vec<String>| {
            shown.iter().map(move |name| {
                let mut longer = way.clone();
                longer.push(name.clone());
                longer
            })
        });
        ways = longer.take(FOREIGN_KEYS_MAX).collect();
    }
    ways
}

#[derive(Default)]
struct Keys {
    foreign: Vec<ForeignKey>,
    primary: Vec<String>,
    unique: Vec<UniqueKey>,
}

impl Keys {
    fn collect(&mut self, base: &Relation, names: &Names, is_simple: bool) {
        // Of a column that is shown twice, the first one speaks for the table.
        let carried = |columns: &[String]| -> Option<Vec<String>> {
            let first = |it| names.get(it)?.first().cloned();
            columns.iter().map(first).collect()
        };
        for key in &base.foreign_keys {
            for columns in ways(&key.columns, names) {
                self.foreign.push(ForeignKey {
                    columns,
                    ..key.clone()
                });
            }
        }
        if !is_simple {
            return;
        }
        self.primary = carried(&base.primary_key).unwrap_or_default();
        for key in &base.unique_keys {
            if let Some(columns) = carried(&key.columns) {
                let name = key.name.clone();
                self.unique.push(UniqueKey { name, columns });
            }
        }
    }

    fn give(self, view: &mut Relation) -> bool {
        let changed = view.foreign_keys != self.foreign
            || view.primary_key != self.primary
            || view.unique_keys != self.unique;
        view.foreign_keys = self.foreign;
        view.primary_key = self.primary;
        view.unique_keys = self.unique;
        changed
    }
}

/// Reads the origins out of a view's stored tree: `({QUERY … :targetList ({TARGETENTRY :expr {…}
/// :resno 1 … :resorigtbl 16387 :resorigcol 2 …} …) …})`. Only the outermost target list counts;
/// what is not understood yields no origin.
fn origins(tree: &str) -> Vec<Origin> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut in_list = false;
    let mut entry = Origin::default();
    let mut starts_word = true;
    let mut rest = tree.char_indices();
    while let Some((at, it)) = rest.next() {
        match it {
            '\\' => {
                // The next character is part of a name, whatever it looks like.
                rest.next();
            }
            '{' => {
                depth += 1;
                if depth == 2 {
                    entry = Origin::default();
                }
            }
            '}' => {
                if depth == 2 && in_list && entry.relation != 0 && entry.column > 0 {
                    found.push(entry);
                }
                depth = depth.saturating_sub(1);
            }
            ':' if starts_word && depth == 1 => in_list = field(tree, at).0 == "targetList",
            ':' if starts_word && depth == 2 && in_list => entry.read(field(tree, at)),
            _ => {}
        }
        starts_word = matches!(it, ' ' | '\n' | '{');
    }
    found
}

impl Origin {
    fn read(&mut self, (name, value): (&str, &str)) {
        match name {
            "resno" => self.position = value.parse().unwrap_or(0),
            "resorigtbl" => self.relation = value.parse().unwrap_or(0),
            "resorigcol" => self.column = value.parse().unwrap_or(0),
            _ => {}
        }
    }
}

/// The field `:name value` that starts at a place.
fn field(tree: &str, at: usize) -> (&str, &str) {
    let mut words = tree[at + 1..].split([' ', '\n', '{', '}', '(', ')']);
    (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::{Origin, origins};

    #[test]
    fn reads_the_outermost_target_list_only() {
        let tree = "({QUERY :commandType 1 :rtable ({RTE :subquery {QUERY :targetList \
             ({TARGETENTRY :expr {VAR :varno 1} :resno 9 :resorigtbl 9 :resorigcol 9})}}) \
             :targetList ({TARGETENTRY :expr {VAR :resno 7} :resno 1 :resname a\\ :resno\\ 5 \
             :resorigtbl 16387 :resorigcol 2 :resjunk false} {TARGETENTRY :expr {CONST} :resno 2 \
             :resname x :resorigtbl 0 :resorigcol 0 :resjunk false}) :override 0})";

        assert_eq!(
            origins(tree),
            [Origin {
                position: 1,
                relation: 16387,
                column: 2
            }]
        );
    }
}
