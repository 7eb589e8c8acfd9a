//! The request's own filters, and the guard around those that could tell of hidden rows.
//!
//! SECURITY: Postgres may evaluate a filter before the policy. An operator that is not leakproof
//! can raise an error that quotes the value it met, so it stands inside
//! `CASE WHEN <policy> THEN <filter> ELSE FALSE END`. What is leakproof stays outside and can use
//! an index. Whatever is not known to be leakproof counts as leaky.

use super::Statement;
use super::expr::Row;
use super::projection::{Ground, Protection, VISIBLE};
use crate::Error;
use crate::plan::{BoundField, Condition, Node};
use crate::request::{FullText, IsValue, JsonOperand, JsonStep, Operation, Operator};
use crate::view::Grant;

/// Where the filtered row's columns are found.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'p, 'a> {
    /// In a projection of this alias, whose columns are safe to name; `verdicts` are the aliases
    /// whose policy's verdict stands in their column [`VISIBLE`].
    Projection {
        alias: &'p str,
        verdicts: &'p [String],
    },
    /// In the table itself under this alias (update and delete): masks are applied here.
    Stored {
        alias: &'p str,
        select: Grant<'a>,
        guard: &'p [&'p postern_policy::Expr],
    },
}

impl<'a> Statement<'_, 'a> {
    /// Prints a condition in parentheses, guarded where it must be.
    pub(super) fn condition(
        &mut self,
        condition: &Condition,
        node: Option<&Node<'a>>,
        place: Place<'_, 'a>,
        grant: Grant<'a>,
    ) -> Result<(), Error> {
        let leaky = self.rules.leak_guard && self.is_leaky(condition, node, grant);
        let guarded = leaky
            && match place {
                Place::Projection { verdicts, .. } => !verdicts.is_empty(),
                Place::Stored { guard, .. } => !guard.is_empty(),
            };
        self.push("(");
        if guarded {
            self.push("CASE WHEN ");
            self.guard(place)?;
            self.push(" THEN ");
        }
        self.bare_condition(condition, node, place)?;
        if guarded {
            self.push(" ELSE FALSE END");
        }
        self.push(")");
        Ok(())
    }

    fn guard(&mut self, place: Place<'_, 'a>) -> Result<(), Error> {
        match place {
            Place::Projection { verdicts, .. } => self.verdicts(verdicts),
            Place::Stored { alias, guard, .. } => {
                for (index, filter) in guard.iter().enumerate() {
                    if index > 0 {
                        self.push(" AND ");
                    }
                    self.expr(filter, Row::Stored(alias))?;
                }
            }
        }
        Ok(())
    }

    /// Prints the verdicts of all these aliases, joined by AND.
    pub(super) fn verdicts(&mut self, aliases: &[String]) {
        for (index, alias) in aliases.iter().enumerate() {
            if index > 0 {
                self.push(" AND ");
            }
            self.column(alias, VISIBLE);
        }
    }

    fn bare_condition(
        &mut self,
        condition: &Condition,
        node: Option<&Node<'a>>,
        place: Place<'_, 'a>,
    ) -> Result<(), Error> {
        match condition {
            Condition::Filter {
                field,
                negated,
                operation,
            } => {
                if *negated {
                    self.push("NOT ");
                }
                self.push("(");
                self.operation(field, operation, place)?;
                self.push(")");
            }
            Condition::Tree {
                negated,
                any,
                children,
            } => {
                self.push(if *negated { "NOT (" } else { "(" });
                for (index, child) in children.iter().enumerate() {
                    if index > 0 {
                        self.push(if *any { " OR " } else { " AND " });
                    }
                    self.push("(");
                    self.bare_condition(child, node, place)?;
                    self.push(")");
                }
                self.push(")");
            }
            Condition::Related { embed, negated } => match node {
                Some(node) => self.exists(node, *embed, *negated)?,
                None => self.push("FALSE"),
            },
        }
        Ok(())
    }

    fn operation(
        &mut self,
        field: &BoundField,
        operation: &Operation,
        place: Place<'_, 'a>,
    ) -> Result<(), Error> {
        match operation {
            Operation::Compare { operator, value } => {
                self.field(field, place)?;
                self.push(symbol(*operator));
                self.compared_value(field, value);
            }
            Operation::Quantified {
                operator,
                all,
                value,
            } => {
                self.field(field, place)?;
                self.push(symbol(*operator));
                self.push(if *all { "ALL (" } else { "ANY (" });
                self.compared_values(field, value.clone());
                self.push(")");
            }
            Operation::In(values) => {
                self.field(field, place)?;
                self.push(" = ANY (");
                self.compared_values(field, array_literal(values));
                self.push(")");
            }
            Operation::Is(value) => {
                self.field(field, place)?;
                self.push(is_words(*value));
            }
            Operation::IsDistinct(value) => {
                self.field(field, place)?;
                self.push(" IS DISTINCT FROM ");
                self.compared_value(field, value);
            }
            Operation::FullText {
                kind,
                config,
                value,
            } => {
                self.document(field, config.as_deref(), place)?;
                self.push(" @@ ");
                self.push(query_function(*kind));
                self.text_search_arguments(config.as_deref());
                self.text_param(value.as_str());
                self.push("::text)");
            }
        }
        Ok(())
    }

    /// The text search vector of a column: itself, or one made of its text or JSON.
    fn document(
        &mut self,
        field: &BoundField,
        config: Option<&str>,
        place: Place<'_, 'a>,
    ) -> Result<(), Error> {
        if field.path.is_empty() && field.ty.operator_name() == "tsvector" {
            return self.field(field, place);
        }
        self.push("pg_catalog.to_tsvector");
        self.text_search_arguments(config);
        self.field(field, place)?;
        self.push(")");
        Ok(())
    }

    fn text_search_arguments(&mut self, config: Option<&str>) {
        self.push("(");
        if let Some(config) = config {
            self.text_param(config);
            self.push("::regconfig, ");
        }
    }

    /// Prints a column with its JSON path.
    pub(super) fn field(&mut self, field: &BoundField, place: Place<'_, 'a>) -> Result<(), Error> {
        let wrap = !field.path.is_empty() && !field.ty.is_json();
        if wrap {
            self.push("pg_catalog.to_jsonb(");
        }
        match place {
            Place::Projection { alias, .. } => self.column(alias, &field.column),
            Place::Stored { alias, .. } if field.computed.is_some() => {
                self.computed_value(field, alias, Ground::Table(Protection::Root))?;
            }
            Place::Stored { alias, select, .. } => {
                self.push("(");
                self.visible_column(&field.column, select, alias)?;
                self.push(")");
            }
        }
        if wrap {
            self.push(")");
        }
        field.path.iter().for_each(|step| self.json_step(step));
        Ok(())
    }

    fn json_step(&mut self, step: &JsonStep) {
        self.push(if step.as_text { "->>" } else { "->" });
        match &step.operand {
            JsonOperand::Key(key) => {
                self.text_param(key.as_str());
                self.push("::text");
            }
            JsonOperand::Index(index) => self.push(&format!("({index})")),
        }
    }
}

pub(super) fn symbol(operator: Operator) -> &'static str {
    match operator {
        Operator::Eq => " = ",
        Operator::Neq => " <> ",
        Operator::Gt => " > ",
        Operator::Gte => " >= ",
        Operator::Lt => " < ",
        Operator::Lte => " <= ",
        Operator::Like => " LIKE ",
        Operator::Ilike => " ILIKE ",
        Operator::Match => " ~ ",
        Operator::Imatch => " ~* ",
        Operator::Contains => " @> ",
        Operator::Contained => " <@ ",
        Operator::Overlaps => " && ",
        Operator::StrictlyLeft => " << ",
        Operator::StrictlyRight => " >> ",
        Operator::NotRightOf => " &< ",
        Operator::NotLeftOf => " &> ",
        Operator::Adjacent => " -|- ",
    }
}

fn is_words(value: IsValue) -> &'static str {
    match value {
        IsValue::Null => " IS NULL",
        IsValue::NotNull => " IS NOT NULL",
        IsValue::True => " IS TRUE",
        IsValue::False => " IS FALSE",
        IsValue::Unknown => " IS UNKNOWN",
    }
}

fn query_function(kind: FullText) -> &'static str {
    match kind {
        FullText::Plain => "pg_catalog.to_tsquery",
        FullText::Words => "pg_catalog.plainto_tsquery",
        FullText::Phrase => "pg_catalog.phraseto_tsquery",
        FullText::Web => "pg_catalog.websearch_to_tsquery",
    }
}

/// Writes values as one array literal, every element quoted, so that none means NULL.
fn array_literal(values: &[String]) -> String {
    let mut literal = String::from("{");
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            literal.push(',');
        }
        literal.push('"');
        for character in value.chars() {
            if matches!(character, '"' | '\\') {
                literal.push('\\');
            }
            literal.push(character);
        }
        literal.push('"');
    }
    literal.push('}');
    literal
}
