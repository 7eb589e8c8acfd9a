//! Reads whose answer may be too long to be one value: the same rows, one text each.

use postern_base::limits::ROWS_AT_ONCE_MAX;

use super::Statement;
use super::body::{ROWS, csv_name};
use super::projection::{Ground, Protection};
use crate::Error;
use crate::plan::{Action, Plan, Read};
use crate::request::Format;
use crate::rewritten::{Counts, Export, Framing};

impl<'a> Statement<'_, 'a> {
    /// The statement that yields the rows one by one, where there may be too many for one value.
    ///
    /// SECURITY: the rows are printed by the same function as for one value, with the same view.
    pub(super) fn export(&self, plan: &Plan<'a>) -> Result<Option<Export>, Error> {
        let Some(read) = long_read(plan) else {
            return Ok(None);
        };
        let mut rows = Statement::new(self.view, self.rules);
        let framing = rows.rows_one_by_one(read, plan)?;
        let (sql, params, _) = rows.finish();
        let counts = match read.count {
            None => None,
            Some(_) => {
                let mut counts = Statement::new(self.view, self.rules);
                counts.push("SELECT NULL::text");
                counts.read_counts(read)?;
                let (sql, params, _) = counts.finish();
                Some(Counts { sql, params })
            }
        };
        Ok(Some(Export {
            sql,
            params,
            framing,
            counts,
        }))
    }

    /// Prints the rows, each as the text that it is in the body.
    fn rows_one_by_one(&mut self, read: &Read<'a>, plan: &Plan<'a>) -> Result<Framing, Error> {
        let node = &read.node;
        let framing = match plan.representation.format {
            Format::Csv => {
                let names = node.outputs.iter().map(|it| node.output_name(it));
                let header: Vec<_> = names.map(csv_name).collect();
                self.push("SELECT ");
                self.csv_row();
                Framing {
                    open: format!("{}\n", header.join(",")),
                    between: "\n",
                    close: "",
                }
            }
            _ => {
                self.push("SELECT ");
                self.json_row(plan);
                self.push("::text");
                Framing {
                    open: "[".into(),
                    // As Postgres puts it between the elements of an aggregate: rows get a new
                    // line, values that are JSON already do not.
                    between: match plan.representation.strip_nulls {
                        false => ", \n ",
                        true => ", ",
                    },
                    close: "]",
                }
            }
        };
        self.push(" FROM (");
        self.node(node, Ground::Table(Protection::Root), None)?;
        self.push(") AS ");
        self.ident(ROWS);
        Ok(framing)
    }

    /// Prints one row as JSON.
    fn json_row(&mut self, plan: &Plan<'a>) {
        let strips = plan.representation.strip_nulls;
        if strips {
            self.push("pg_catalog.json_strip_nulls(");
        }
        self.push("pg_catalog.row_to_json(");
        self.ident(ROWS);
        self.push(if strips { "))" } else { ")" });
    }
}

/// The read, if its answer may hold more rows than are made into one value.
fn long_read<'p, 'a>(plan: &'p Plan<'a>) -> Option<&'p Read<'a>> {
    let Action::Read(read) = &plan.action else {
        return None;
    };
    let representation = &plan.representation;
    let is_text = matches!(representation.format, Format::Json | Format::Csv);
    let most = read.node.window.limit;
    let is_long = most.is_none_or(|it| it > ROWS_AT_ONCE_MAX);
    let is_plain = is_text && !read.head && representation.explain.is_none();
    (is_plain && is_long).then_some(&**read)
}
