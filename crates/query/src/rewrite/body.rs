//! The answer's one row: the body as text, and the counts.

use super::Statement;
use super::projection::{Ground, Protection};
use crate::Error;
use crate::plan::{Node, Plan, Read};
use crate::request::Format;

/// The alias of the rows that the body is made of.
pub(super) const ROWS: &str = "postern.row";

impl<'a> Statement<'_, 'a> {
    /// Prints a read: body, rows on the page, total.
    pub(super) fn read(&mut self, read: &Read<'a>, plan: &Plan<'a>) -> Result<(), Error> {
        let node = &read.node;
        self.push("SELECT ");
        if read.head {
            self.push("NULL::text");
        } else {
            self.body(node, plan);
        }
        self.read_counts(read)
    }

    /// Prints what stands behind a read's body: the counts, and the rows that all of it is made of.
    pub(super) fn read_counts(&mut self, read: &Read<'a>) -> Result<(), Error> {
        self.push(" AS body, pg_catalog.count(*) AS page_rows, ");
        self.read_total(read)?;
        self.push(" AS total_rows, 0::int8 AS inserted_rows FROM (");
        self.node(&read.node, Ground::Table(Protection::Root), None)?;
        self.push(") AS ");
        self.ident(ROWS);
        Ok(())
    }

    /// Prints the aggregate that makes the body of the rows.
    pub(super) fn body(&mut self, node: &Node<'a>, plan: &Plan<'a>) {
        match plan.representation.format {
            Format::Json => {
                self.push("COALESCE(");
                self.json_rows(plan);
                self.push("::text, '[]')");
            }
            Format::Object => {
                self.push("COALESCE((");
                self.json_rows(plan);
                self.push("->0)::text, 'null')");
            }
            Format::Csv => self.csv(node),
            Format::GeoJson => self.features(),
            Format::Handler(oid) => self.handled(oid),
            // Rows are never a value by themselves; the plan has refused it.
            Format::Value => self.push("NULL::text"),
        }
    }

    /// What an aggregate makes of the rows: of the columns that stand in the answer, and no others.
    fn handled(&mut self, oid: u32) {
        let handler = self.view.catalog().handlers().find(|it| it.oid == oid);
        let rows = handler.and_then(|it| Some((it, it.handled_rows()?)));
        // The plan has refused one that is not there.
        let Some((handler, rows)) = rows else {
            return self.push("NULL::text");
        };
        if let Some(access) = self.view.function(handler) {
            self.demand(access.assurance);
        }
        self.require_session(|| format!("aggregate {} may read the session", handler.name));
        let is_bytes = handler
            .media_type()
            .is_some_and(|it| it.operator_name() == "bytea");
        self.push(if is_bytes { "pg_catalog.encode(" } else { "" });
        self.column(&handler.name.schema, &handler.name.name);
        match rows {
            None => {
                self.push("(");
                self.ident(ROWS);
            }
            Some(relation) => {
                self.push("(ROW(");
                self.ident(ROWS);
                self.push(".*)::");
                self.relation(&relation);
            }
        }
        self.push(if is_bytes {
            ")::bytea, 'hex')"
        } else {
            ")::text"
        });
    }

    /// One collection of features, each of which PostGIS makes of a row.
    fn features(&mut self) {
        let schema = self.view.catalog().geojson().unwrap_or("public").to_owned();
        self.push(
            "pg_catalog.json_build_object('type', 'FeatureCollection', 'features', \
             COALESCE(pg_catalog.json_agg(",
        );
        self.column(&schema, "st_asgeojson");
        self.push("(");
        self.ident(ROWS);
        self.push(")::json), '[]'))::text");
    }

    fn json_rows(&mut self, plan: &Plan<'a>) {
        self.push("pg_catalog.json_agg(");
        if plan.representation.strip_nulls {
            self.push("pg_catalog.json_strip_nulls(pg_catalog.row_to_json(");
            self.ident(ROWS);
            self.push("))");
        } else {
            self.ident(ROWS);
        }
        self.push(")");
    }

    /// A header line, and each row as Postgres writes a record, without its parentheses.
    fn csv(&mut self, node: &Node<'a>) {
        let names = node.outputs.iter().map(|it| node.output_name(it));
        let header: Vec<_> = names.map(csv_name).collect();
        self.text_param(header.join(","));
        self.push("::text || E'\\n' || COALESCE(pg_catalog.string_agg(");
        self.csv_row();
        self.push(", E'\\n'), '')");
    }

    /// Prints one row as CSV.
    pub(super) fn csv_row(&mut self) {
        self.push(
            "pg_catalog.substr(\"postern.row\"::text, 2, \
             pg_catalog.length(\"postern.row\"::text) - 2)",
        );
    }
}

pub(super) fn csv_name(name: &str) -> String {
    if name.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
}
