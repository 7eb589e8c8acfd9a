//! The arguments of a call: the row that they stand in, and how the function is given them.

use std::sync::Arc;

use postern_catalog::Function;
use postern_policy::{Expr, FunctionAccess};

use crate::Error;
use crate::plan::{Arguments, Call};
use crate::rewrite::Statement;
use crate::rewrite::expr::Row;

/// The argument row's verdict of the rule's condition.
pub(super) const PERMITTED: &str = "postern.permitted";
/// The argument row's column of an argument without a name.
const WHOLE: &str = "postern.whole";

impl<'a> Statement<'_, 'a> {
    /// Prints `"schema"."function"("a" => "arg"."a", …)`.
    pub(super) fn invocation(&mut self, call: &Call<'a>) {
        let function = call.function;
        self.column(&function.name.schema, &function.name.name);
        self.push("(");
        if matches!(call.arguments, Arguments::Whole(_)) {
            self.column("arg", WHOLE);
        }
        let mut names = call.arguments.names();
        // SQL wants the variadic one last.
        names.sort_by_key(|name| is_variadic(function, name));
        let by_place = leading(function, &names);
        for (index, name) in by_place.as_ref().unwrap_or(&names).iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            if is_variadic(function, name) {
                self.push("VARIADIC ");
            }
            if by_place.is_none() {
                self.ident(name);
                self.push(" => ");
            }
            self.column("arg", name);
        }
        self.push(")");
    }

    /// Prints the argument row `(SELECT …, permitted FROM …) AS "arg"`.
    pub(super) fn arguments(
        &mut self,
        call: &Call<'a>,
        access: &FunctionAccess,
    ) -> Result<(), Error> {
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
            Arguments::Texts(pairs) => self.text_arguments(function, pairs),
            Arguments::Whole(body) => self.whole_argument(function, body),
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

    fn text_arguments(&mut self, function: &Function, pairs: &[(String, Vec<String>)]) {
        self.push("(SELECT ");
        for (name, values) in pairs {
            if is_variadic(function, name) {
                self.push("ARRAY(SELECT pg_catalog.json_array_elements_text(");
                self.text_param(serde_json::Value::from(values.as_slice()).to_string());
                self.push("::json))");
            } else {
                // COMPAT(postgrest 14): of a repeated argument the last counts.
                self.text_param(values.last().map_or("", String::as_str));
            }
            self.push("::");
            self.catalog_sql(argument_type(function, name));
            self.push(" AS ");
            self.ident(name);
            self.push(", ");
        }
        self.push("NULL AS \"postern.none\") AS \"j\"");
    }

    fn whole_argument(&mut self, function: &Function, body: &Arc<str>) {
        let ty = function.arguments.first();
        self.push("(SELECT ");
        self.shared_param(body);
        self.push("::");
        self.catalog_sql(ty.map_or("text", |it| it.ty.sql.as_str()));
        self.push(" AS ");
        self.ident(WHOLE);
        self.push(") AS \"j\"");
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

/// The given arguments by place, where a variadic one is left out: SQL finds its default then, and
/// does not when the others are given by name.
fn leading(function: &Function, given: &[String]) -> Option<Vec<String>> {
    let all = function.arguments.iter().map(|it| it.name.clone());
    let leading: Vec<_> = all.take_while(|name| given.contains(name)).collect();
    let leaves_out = function
        .arguments
        .iter()
        .any(|it| it.variadic && !given.contains(&it.name));
    (leaves_out && leading.len() == given.len()).then_some(leading)
}

fn is_variadic(function: &Function, name: &str) -> bool {
    let argument = function.arguments.iter().find(|it| it.name == name);
    argument.is_some_and(|it| it.variadic)
}
