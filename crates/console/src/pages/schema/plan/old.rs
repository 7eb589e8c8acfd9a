//! Changes of a table that is there: what differs between the table and the form.

use postern_base::RelationName;
use postern_db::structure::{Direction, Structure};

use super::reader::Reader;
use super::told::told;
use super::{Lists, Plan};
use crate::ddl::{self, Bound, Change, Link, Reference};
use crate::pages::schema::draft::{Bond, Draft};

/// The plan of changing a table from `base` to `draft`. `is_taken` says that the new name is used.
pub(in crate::pages::schema) fn alter(
    base: &Draft,
    draft: &Draft,
    structure: &Structure,
    lists: &Lists<'_>,
    is_taken: bool,
) -> Plan {
    if draft.is_gone {
        return gone(base, structure);
    }
    let mut reader = Reader::new(draft.name(), lists);
    let mut found = Vec::new();
    if draft.table != base.table {
        match is_taken {
            true => reader.problem(t!("ddl.table_taken", draft.table)),
            false => reader.table_name(&draft.table),
        }
        let to = draft.table.clone();
        found.push(Change::RenameTable { to });
    }
    let names = columns(&mut reader, (base, draft), structure, &mut found);
    found.extend(key(base, draft, structure));
    constraints(&mut reader, (base, draft), &names, &mut found);
    links(&mut reader, (base, draft), structure, &mut found);
    if draft.comment != base.comment {
        let text = draft.comment.clone();
        found.push(Change::CommentTable { text });
    }
    found.extend(
        std::mem::take(&mut reader.enums)
            .into_iter()
            .map(Change::CreateEnum),
    );
    let plan = Plan {
        table: Some(draft.name()),
        ..reader.plan()
    };
    planned(&base.name(), &found, structure, plan)
}

/// All of the table goes.
fn gone(base: &Draft, structure: &Structure) -> Plan {
    let table = base.name();
    let purpose = t!("ddl.drops_table", ddl::qualified(&table));
    Plan {
        sql: ddl::file(&purpose, &[ddl::drop_table(&table)]),
        slug: ddl::slug(&format!("drop {}", base.table)),
        consequences: super::told::gone(base, structure),
        is_destructive: true,
        is_seen: true,
        table: None,
        ..Plan::default()
    }
}

/// The changes of columns; the answer are the names that are there afterwards.
fn columns(
    reader: &mut Reader<'_>,
    (base, draft): (&Draft, &Draft),
    structure: &Structure,
    found: &mut Vec<Change>,
) -> Vec<String> {
    let there = draft.columns.iter().filter(|it| !it.is_blank());
    for column in there.clone() {
        match base.columns.iter().find(|it| it.was == column.was) {
            Some(old) if !column.was.is_empty() => reader.compare(old, column, structure, found),
            _ if !column.was.is_empty() => reader.problem(t!("ddl.column_lost", column.was)),
            _ if column.is_gone => {}
            _ => found.push(Change::AddColumn(reader.column(column))),
        }
    }
    let stays = there.filter(|it| !it.is_gone);
    let names: Vec<String> = stays.map(|it| it.name.clone()).collect();
    reader.unique(&names);
    names
}

/// Another primary key: the old one goes, the new one comes.
fn key(base: &Draft, draft: &Draft, structure: &Structure) -> Vec<Change> {
    let old = base.columns.iter().filter(|it| it.is_key);
    let new = draft.columns.iter();
    let new = new.filter(|it| it.is_key && !it.is_gone && !it.is_blank());
    if old.map(|it| &it.was).eq(new.clone().map(|it| &it.was)) {
        return Vec::new();
    }
    let mut indexes = structure.indexes.iter();
    let dropped = indexes
        .find(|it| it.is_primary)
        .map(|it| Change::DropConstraint {
            constraint: it.name.clone(),
            bound: Bound::Key,
        });
    let columns: Vec<_> = new.map(|it| it.name.clone()).collect();
    let added = (!columns.is_empty()).then_some(Change::AddKey { columns });
    dropped.into_iter().chain(added).collect()
}

/// Indexes and checks that go, and those that come.
fn constraints(
    reader: &mut Reader<'_>,
    (base, draft): (&Draft, &Draft),
    names: &[String],
    found: &mut Vec<Change>,
) {
    for index in draft
        .indexes
        .iter()
        .filter(|it| it.is_gone && !it.was.is_empty())
    {
        let known = base.indexes.iter().find(|it| it.was == index.was);
        found.extend(known.and_then(|known| match known.bond {
            Bond::Free => Some(Change::DropIndex {
                index: known.was.clone(),
            }),
            Bond::Constraint => Some(Change::DropConstraint {
                constraint: known.was.clone(),
                bound: Bound::Unique,
            }),
            Bond::Key => None,
        }));
    }
    for check in draft
        .checks
        .iter()
        .filter(|it| it.is_gone && !it.was.is_empty())
    {
        let known = base.checks.iter().find(|it| it.was == check.was);
        found.extend(known.map(|it| Change::DropConstraint {
            constraint: it.was.clone(),
            bound: Bound::Check,
        }));
    }
    let indexes = reader.indexes(&draft.indexes, names);
    found.extend(indexes.into_iter().map(Change::AddIndex));
    let checks = reader.checks(&draft.checks);
    found.extend(
        checks
            .into_iter()
            .map(|condition| Change::AddCheck { condition }),
    );
    let links = reader.links(&draft.links, names);
    found.extend(links.into_iter().map(Change::AddReference));
}

/// Foreign keys over several columns that go, or that are kept another way.
fn links(
    reader: &mut Reader<'_>,
    (base, draft): (&Draft, &Draft),
    structure: &Structure,
    found: &mut Vec<Change>,
) {
    for link in draft.links.iter().filter(|it| !it.was.is_empty()) {
        let known = base.links.iter().find(|it| it.was == link.was);
        let key = structure.references.iter();
        let mut key = key.filter(|it| it.direction == Direction::Outgoing && it.name == link.was);
        let (Some(old), Some(key)) = (known, key.next()) else {
            continue;
        };
        let is_same = (old.on_delete, old.on_update) == (link.on_delete, link.on_update);
        if is_same && !link.is_gone {
            continue;
        }
        found.push(Change::DropConstraint {
            constraint: old.was.clone(),
            bound: Bound::Reference,
        });
        if link.is_gone {
            continue;
        }
        let now = |was: &String| {
            let column = draft.columns.iter().find(|it| it.was == *was);
            column.map_or_else(|| was.clone(), |it| it.name.clone())
        };
        found.extend(reader.target(&link.target).map(|target| {
            Change::AddReference(Link {
                columns: key.from.iter().map(now).collect(),
                reference: Reference {
                    target,
                    on_delete: link.on_delete,
                    on_update: link.on_update,
                },
            })
        }));
    }
}

fn planned(table: &RelationName, found: &[Change], structure: &Structure, plan: Plan) -> Plan {
    if found.is_empty() {
        return plan;
    }
    let purpose = purpose(table, found);
    Plan {
        sql: ddl::file(&purpose, &ddl::changes(table, found)),
        slug: ddl::slug(&purpose.replace(&format!("{}.", table.schema), "")),
        consequences: found.iter().flat_map(|it| told(it, structure)).collect(),
        is_destructive: found.iter().any(Change::is_destructive),
        is_seen: found.iter().any(is_seen),
        ..plan
    }
}

/// Whether what is served will differ after a change: sorting rows and refusing them is nobody's
/// business but the database's.
fn is_seen(change: &Change) -> bool {
    !matches!(
        change,
        Change::AddIndex(_)
            | Change::DropIndex { .. }
            | Change::AddCheck { .. }
            | Change::DropConstraint {
                bound: Bound::Check,
                ..
            }
    )
}

/// What the file says that it is for.
fn purpose(table: &RelationName, found: &[Change]) -> String {
    let table = ddl::qualified(table);
    match found {
        [Change::AddColumn(column)] => t!("ddl.adds_column", ddl::quoted(&column.name), table),
        [Change::DropColumn { column }] => t!("ddl.drops_column", ddl::quoted(column), table),
        [Change::RenameTable { to }] => t!("ddl.renames_table", table, ddl::quoted(to)),
        [Change::RenameColumn { from, to }] => {
            t!(
                "ddl.renames_column",
                ddl::quoted(from),
                ddl::quoted(to),
                table
            )
        }
        [Change::AddIndex(_)] => t!("ddl.adds_index", table),
        _ => t!("ddl.changes", table),
    }
}
