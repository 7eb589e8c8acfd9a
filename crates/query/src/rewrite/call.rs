//! Function calls. They take the session path: a body cannot be rewritten and may read the claims.
//!
//! The arguments stand in a row `arg`; the rule's condition is decided there, before the function
//! runs. Rows that the policy file ties to a table pass that table's select policy and columns.

mod arguments;

use postern_base::{Identity, RoleName};
use postern_catalog::{Relation, Returns};
use postern_policy::{FunctionAccess, FunctionMode, Verb};

use self::arguments::PERMITTED;

use super::Statement;
use super::body::ROWS;
use super::expr::Row;
use super::is_singular;
use super::statement::filter_of;
use crate::Error;
use crate::plan::{Call, Node, Plan, is_result};
use crate::request::Format;

impl<'a> Statement<'_, 'a> {
    /// Prints a call; says which database role it runs as, if it switches.
    pub(super) fn call(
        &mut self,
        call: &Call<'a>,
        plan: &Plan<'a>,
    ) -> Result<Option<RoleName>, Error> {
        let function = call.function;
        let access = self.view.function(function).ok_or_else(|| {
            let message = format!("permission denied for function {}", function.name.name);
            Error::new(&postern_base::codes::DENIED, message)
        })?;
        self.demand(access.assurance);
        self.require_session(|| "function calls read the session".to_owned());
        match &call.node {
            Some(node) => self.rows_call(call, node, &access, plan)?,
            None => self.value_call(call, &access, plan)?,
        }
        Ok(match access.mode {
            FunctionMode::Trusted => None,
            FunctionMode::Native => Some(native_role(self.view.identity())),
        })
    }

    /// A scalar, a set of scalars, or nothing.
    fn value_call(
        &mut self,
        call: &Call<'a>,
        access: &FunctionAccess,
        plan: &Plan<'a>,
    ) -> Result<(), Error> {
        let function = call.function;
        self.push("WITH \"w\" AS MATERIALIZED (SELECT ");
        self.invocation(call);
        self.push(" AS \"v\" FROM ");
        self.arguments(call, access)?;
        self.push(" WHERE ");
        self.column("arg", PERMITTED);
        self.push(" OFFSET 0) SELECT ");
        let format = plan.representation.format;
        self.push(match (&function.returns, function.returns_set, format) {
            (Returns::Void, _, _) => "NULL::text",
            (Returns::Scalar(ty), _, Format::Value) if ty.operator_name() == "bytea" => {
                "pg_catalog.string_agg(pg_catalog.encode(\"v\"::bytea, 'hex'), '')"
            }
            (_, _, Format::Value) => "pg_catalog.string_agg(\"v\"::text, '')",
            (_, _, Format::Csv) => {
                "'value' || E'\\n' || COALESCE(pg_catalog.string_agg(\"v\"::text, E'\\n'), '')"
            }
            (_, true, Format::Json | Format::GeoJson | Format::Handler(_)) => {
                "COALESCE(pg_catalog.json_agg(\"v\")::text, '[]')"
            }
            (_, false, _) | (_, true, Format::Object) => {
                "COALESCE((pg_catalog.json_agg(\"v\")->0)::text, 'null')"
            }
        });
        self.push(" AS body, ");
        if function.returns == Returns::Void {
            // A value that nobody reads would not be worked out.
            self.push("pg_catalog.count(\"v\"::text)");
        } else {
            self.affected(call, plan);
        }
        self.push(" AS page_rows, ");
        self.push(if call.counted {
            "(SELECT pg_catalog.count(*) FROM \"w\")"
        } else {
            "NULL::int8"
        });
        self.push(" AS total_rows, 0::int8 AS inserted_rows FROM (SELECT \"v\" FROM \"w\"");
        if function.returns_set {
            self.window(call.window, false);
        }
        self.push(") AS ");
        self.ident(ROWS);
        Ok(())
    }

    /// Rows: the function's result is read like a relation.
    fn rows_call(
        &mut self,
        call: &Call<'a>,
        node: &Node<'a>,
        access: &FunctionAccess,
        plan: &Plan<'a>,
    ) -> Result<(), Error> {
        self.push("WITH \"w\" AS MATERIALIZED (SELECT \"f\".*");
        if let Returns::Relation(relation) = &call.function.returns {
            self.returned_row(node, "f", relation);
        }
        self.push(" FROM ");
        self.arguments(call, access)?;
        self.push(" CROSS JOIN LATERAL (SELECT * FROM ");
        self.invocation(call);
        self.push(" AS \"r\" WHERE ");
        self.column("arg", PERMITTED);
        self.push(" OFFSET 0) AS \"f\"");
        if !is_result(&node.relation) {
            self.row_filter(&node.relation)?;
        }
        self.push(") SELECT ");
        if call.function.returns_set || plan.representation.format != Format::Json {
            self.body(node, plan);
        } else {
            self.push("COALESCE((pg_catalog.json_agg(");
            self.ident(ROWS);
            self.push(")->0)::text, 'null')");
        }
        self.push(" AS body, ");
        self.affected(call, plan);
        self.push(" AS page_rows, ");
        if call.counted {
            self.push("(SELECT pg_catalog.count(*)");
            self.result_rows(node)?;
            self.push(")");
        } else {
            self.push("NULL::int8");
        }
        self.push(" AS total_rows, 0::int8 AS inserted_rows FROM (");
        self.node(node, super::projection::Ground::Written("w"), None)?;
        self.push(") AS ");
        self.ident(ROWS);
        Ok(())
    }

    fn result_rows(&mut self, node: &Node<'a>) -> Result<(), Error> {
        self.rows_where(node, super::projection::Ground::Written("w"), None)
    }

    /// Prints the number of rows in the answer. More than the request allows, and another number
    /// than the one that it wants, undo what the function did.
    fn affected(&mut self, call: &Call<'a>, plan: &Plan<'a>) {
        let strict = plan.preferences.strict == Some(true);
        let most = plan.preferences.max_affected.filter(|_| strict);
        let singular = call.function.returns_set && is_singular(plan.representation.format);
        if most.is_none() && !singular {
            return self.push("pg_catalog.count(*)");
        }
        self.push("CASE");
        if let Some(most) = most {
            self.push(" WHEN pg_catalog.count(*) > ");
            self.number(most);
            self.refusal("PT124");
        }
        if singular {
            self.push(" WHEN pg_catalog.count(*) <> 1");
            self.refusal("PT116");
        }
        self.push(" ELSE pg_catalog.count(*) END");
    }

    fn refusal(&mut self, code: &'static str) {
        self.push(" THEN \"postern\".\"refuse\"('");
        self.push(code);
        self.push("', pg_catalog.count(*)::text, pg_catalog.count(*))");
    }

    /// Rows of a table's type pass the table's select policy.
    fn row_filter(&mut self, relation: &Relation) -> Result<(), Error> {
        let grant = self.grant(relation, Verb::Select)?;
        if let Some(filter) = filter_of(grant).filter(|_| self.rules.call_filter) {
            self.push(" WHERE ");
            self.expr(filter, Row::Stored("f"))?;
        }
        Ok(())
    }
}

fn native_role(identity: &Identity) -> RoleName {
    RoleName::new(match identity {
        Identity::Anonymous(_) => RoleName::ANON,
        Identity::User(_) => RoleName::AUTHENTICATED,
        Identity::Service(_) => RoleName::SERVICE,
    })
}
