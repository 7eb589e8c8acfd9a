//! `policy.lock`: what `"*"` stood for when somebody last looked.
//!
//! ```toml
//! version = 1
//! [tables."public.documents"]
//! id = { attnum = 1, type = "int8" }
//! ```
//! A column that is added later is not granted by `"*"` until the lock is written again. A
//! column that was dropped and made anew under its old name, or changed its type, closes the
//! whole table: what the rules say about it may no longer be what the author meant.

use std::collections::HashMap;
use std::fmt::Write as _;

use postern_base::RelationName;
use postern_catalog::{Catalog, Column, Relation};

use crate::SourceFile;
use crate::file::{Content, Node, Reader, parse_document, read_table, relation_name};
use crate::report::{Report, Site};
use crate::toml_text::quoted;

/// Largest lock file in bytes: room for some ten thousand tables.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// The pinned columns of each table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lock {
    tables: HashMap<RelationName, Vec<Pin>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pin {
    column: String,
    attnum: u64,
    ty: String,
}

/// How a column stands towards the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pinned {
    /// As it was.
    Same,
    /// Not pinned.
    Absent,
    /// Another column or type under the same name.
    Changed,
}

impl Lock {
    /// Reads the lock's text, which is the file of this index.
    pub(crate) fn parse(file: usize, source: &SourceFile, report: &mut Report<'_>) -> Self {
        let mut lock = Self::default();
        if source.text.len() > BYTES_MAX {
            let start = Site { file, span: 0..0 };
            let message = format!("the lock file is larger than {BYTES_MAX} bytes");
            report.error(
                &start,
                "file-limit",
                message,
                "write it again with `policy lock`",
            );
            return lock;
        }
        let Some(root) = parse_document(file, source, report) else {
            return lock;
        };
        let known = ["version", "tables"];
        let Some(reader) = Reader::new(&root, "lock file", &known, report) else {
            return lock;
        };
        if reader.count("version", report) != Some(1) {
            let message = "the lock file is not of version 1";
            report.error(
                &root.site,
                "lock-version",
                message,
                "write it again with `policy lock`",
            );
        }
        let tables = reader
            .get("tables")
            .and_then(|node| Reader::open(node, "lock file", report));
        for entry in tables.map(|it| it.entries()).unwrap_or_default() {
            let name = relation_name(&entry.key, &entry.key_site, report);
            let pins = pins(&entry.node, report);
            if let (Some(name), Some(pins)) = (name, pins) {
                lock.tables.insert(name, pins);
            }
        }
        lock
    }

    /// How the column stands towards the lock.
    pub(crate) fn column(&self, relation: &Relation, column: &Column) -> Pinned {
        let pins = self.tables.get(&relation.name);
        let mut found = pins.into_iter().flatten();
        match found.find(|it| it.column == column.name) {
            None => Pinned::Absent,
            Some(pin) if *pin == pin_of(column) => Pinned::Same,
            Some(_) => Pinned::Changed,
        }
    }
}

/// Writes the lock for the tables of these files.
pub fn lock_text(files: &[SourceFile], catalog: &Catalog) -> String {
    let mut report = Report::new(files);
    let mut relations: Vec<&Relation> = files
        .iter()
        .enumerate()
        .filter_map(|(index, file)| {
            let root = parse_document(index, file, &mut report)?;
            let table = read_table(&root, &mut report)?;
            catalog.relation(&table.table.value)
        })
        .collect();
    relations.sort_by(|left, right| left.name.cmp(&right.name));
    relations.dedup_by(|left, right| left.name == right.name);

    let mut text = String::from(
        "# Pins what \"*\" stands for in the policy files; written by `postern policy lock`.\n\
         version = 1\n",
    );
    for relation in relations {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n[tables.{}]", quoted(&relation.name.to_string()));
        for column in &relation.columns {
            let pin = pin_of(column);
            let (name, ty) = (quoted(&pin.column), quoted(&pin.ty));
            let _ = writeln!(text, "{name} = {{ attnum = {}, type = {ty} }}", pin.attnum);
        }
    }
    text
}

fn pins(node: &Node, report: &mut Report<'_>) -> Option<Vec<Pin>> {
    let table = Reader::open(node, "lock file", report)?;
    table
        .entries()
        .iter()
        .map(|entry| {
            let reader = Reader::new(&entry.node, "pin", &["attnum", "type"], report)?;
            let attnum = reader.count("attnum", report);
            let ty = reader.required_text("type", report);
            match (attnum, ty, &entry.node.content) {
                (Some(attnum), Some(ty), Content::Table(_)) => Some(Pin {
                    column: entry.key.clone(),
                    attnum,
                    ty: ty.value,
                }),
                _ => None,
            }
        })
        .collect()
}

fn pin_of(column: &Column) -> Pin {
    Pin {
        column: column.name.clone(),
        attnum: u64::try_from(column.attnum).unwrap_or_default(),
        ty: column.ty.sql.clone(),
    }
}
