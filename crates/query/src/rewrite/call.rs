//! Function calls. They take the session path: a body cannot be rewritten and may read the claims.
//!
//! The arguments stand in a row `arg`; the rule's condition is decided there, before the function
//! runs. Rows that the policy file ties to a table pass that table's select policy and columns.

use postern_base::{Identity, RoleName};
use postern_catalog::{Function, Relation, Returns};
use postern_policy::{Expr, FunctionAccess, FunctionMode, Verb};

use super::Statement;
use super::body::ROWS;
use super::expr::Row;
use super::statement::filter_of;
use crate::Error;
use crate::plan::{Arguments, Call, Node, Plan, is_result};
use crate::request::Format;

/// The argument row's verdict of the rule's condition.
const PERMITTED: &str = "postern.permitted";

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
            (Returns::Void, _, _) => "NULL::text AS body, pg_catalog.count(\"v\"::text)",
            (_, _, Format::Csv) => {
                "'value' || E'\\n' || COALESCE(pg_catalog.string_agg(\"v\"::text, E'\\n'), '') \
                 AS body, pg_catalog.count(*)"
            }
            (_, true, Format::Json) => {
                "COALESCE(pg_catalog.json_agg(\"v\")::text, '[]') AS body, pg_catalog.count(*)"
            }
            (_, false, _) | (_, true, Format::Object) => {
                "COALESCE((pg_catalog.json_agg(\"v\")->0)::text, 'null') AS body, \
                 pg_catalog.count(*)"
            }
        });
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
        self.push("WITH \"w\" AS MATERIALIZED (SELECT \"f\".* FROM ");
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
        self.affected(plan);
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

    fn affected(&mut self, plan: &Plan<'a>) {
        let strict = plan.preferences.strict == Some(true);
        match plan.preferences.max_affected.filter(|_| strict) {
            None => self.push("pg_catalog.count(*)"),
            Some(most) => {
                self.push("CASE WHEN pg_catalog.count(*) > ");
                self.number(most);
                self.push(" THEN \"postern\".\"refuse\"('PT124', pg_catalog.count(*)::text, ");
                self.push("pg_catalog.count(*)) ELSE pg_catalog.count(*) END");
            }
        }
    }

    /// Rows of a table's type pass the table's select policy.
    fn row_filter(&mut self, relation: &Relation) -> Result<(), Error> {
        let grant = self.grant(relation, Verb::Select)?;
        if let Some(filter) = filter_of(grant) {
            self.push(" WHERE ");
            self.expr(filter, Row::Stored("f"))?;
        }
        Ok(())
    }

    /// Prints `"schema"."function"("a" => "arg"."a", …)`.
    fn invocation(&mut self, call: &Call<'a>) {
        let function = call.function;
        self.column(&function.name.schema, &function.name.name);
        self.push("(");
        for (index, name) in call.arguments.names().iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.ident(name);
            self.push(" => ");
            self.column("arg", name);
        }
        self.push(")");
    }

    /// Prints the argument row `(SELECT …, permitted FROM …) AS "arg"`.
    fn arguments(&mut self, call: &Call<'a>, access: &FunctionAccess) -> Result<(), Error> {
        let function = call.function;
        self.push("(SELECT \"j\".*, ");
        if reads_left_out(&access.condition, &call.arguments.names()) {
            // The function's default is not known here, so the condition cannot be decided.
            self.push("\"postern\".\"deny\"(");
            self.literal(&format!(
                "permission denied for function {}",
                function.name.name
            ));
            self.push(", TRUE)");
        } else if access.condition.is_true() {
            self.push("TRUE");
        } else {
            self.push("CASE WHEN ");
            self.expr(&access.condition, Row::Arguments("j"))?;
            self.push(" THEN TRUE ELSE ");
            let message = format!("permission denied for function {}", function.name.name);
            self.deny(&message, &|statement| {
                statement.push("TRUE");
                Ok(())
            })?;
            self.push(" END");
        }
        self.push(" AS ");
        self.ident(PERMITTED);
        self.push(" FROM ");
        match &call.arguments {
            Arguments::Query(pairs) => self.query_arguments(function, pairs),
            Arguments::Json { body, names } => {
                self.push("pg_catalog.json_to_recordset(");
                self.shared_param(body);
                self.push("::json) AS \"j\"(");
                self.typed_arguments(function, names);
                self.push(")");
            }
        }
        self.push(" OFFSET 0) AS \"arg\"");
        Ok(())
    }

    fn query_arguments(&mut self, function: &Function, pairs: &[(String, String)]) {
        self.push("(SELECT ");
        for (name, value) in pairs {
            self.text_param(value.as_str());
            self.push("::");
            self.catalog_sql(argument_type(function, name));
            self.push(" AS ");
            self.ident(name);
            self.push(", ");
        }
        self.push("NULL AS \"postern.none\") AS \"j\"");
    }

    fn typed_arguments(&mut self, function: &Function, names: &[String]) {
        for name in names {
            self.ident(name);
            self.push(" ");
            self.catalog_sql(argument_type(function, name));
            self.push(", ");
        }
        self.push("\"postern.none\" text");
    }
}

/// Whether the condition reads an argument that the caller left out.
fn reads_left_out(condition: &Expr, given: &[String]) -> bool {
    let mut reads = false;
    condition.walk(&mut |it| {
        reads |= matches!(it, Expr::Argument(name) if !given.contains(name));
    });
    reads
}

fn argument_type<'f>(function: &'f Function, name: &str) -> &'f str {
    let argument = function.arguments.iter().find(|it| it.name == name);
    argument.map_or("text", |it| it.ty.sql.as_str())
}

fn native_role(identity: &Identity) -> RoleName {
    RoleName::new(match identity {
        Identity::Anonymous(_) => RoleName::ANON,
        Identity::User(_) => RoleName::AUTHENTICATED,
        Identity::Service(_) => RoleName::SERVICE,
    })
}
