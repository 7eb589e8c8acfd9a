//! A world: the data, policies, grants and planner settings in one shape.

use std::fmt::Write as _;

use postern_policy::SourceFile;
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

use super::data;
use super::policies::{self, Columns, TablePolicies};
use super::shape::Shape;

/// One random world.
pub(crate) struct World {
    pub(crate) schema: String,
    /// Whether `items.code` is unique.
    pub(crate) unique_code: bool,
    pub(crate) tables: Vec<TablePolicies>,
    /// The functions that exist for the role.
    pub(crate) functions: Vec<&'static Function>,
    settings: String,
    data: String,
}

/// A function of every shape.
pub(crate) struct Function {
    pub(crate) name: &'static str,
    /// Its arguments' types, as signatures have them in files.
    types: &'static str,
    /// The table whose policy its rows pass; natively it runs as its caller.
    pub(crate) returns: Option<&'static str>,
}

/// All functions that requests may call.
pub(crate) const FUNCTIONS: [Function; 6] = [
    function("find_items", "int4", Some("items")),
    function("one_item", "int4", Some("items")),
    function("total", "int4", None),
    function("add_tag", "int4,text", None),
    function("titles", "", None),
    function("table_of", "int4", None),
];

const fn function(
    name: &'static str,
    types: &'static str,
    returns: Option<&'static str>,
) -> Function {
    Function {
        name,
        types,
        returns,
    }
}

/// What a policy bundle is made without, to prove that it is missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Without {
    Nothing,
    Requires,
    Denies,
    Presets,
    ColumnGrants,
    FunctionGrants,
}

impl World {
    pub(crate) fn random(random: &mut StdRng, shape: &Shape) -> Self {
        let tables = policies::random(random, &shape.schema);
        let functions = FUNCTIONS.iter().filter(|_| random.random_bool(0.7));
        Self {
            unique_code: shape.unique_code,
            functions: functions.collect(),
            settings: settings(random),
            data: data::random(random, &shape.schema),
            tables,
            schema: shape.schema.clone(),
        }
    }

    /// The policies of a table.
    pub(crate) fn policies(&self, table: &str) -> &TablePolicies {
        let found = self.tables.iter().find(|it| it.table.name == table);
        found.expect("INVARIANT: every table has policies")
    }

    /// Whether reads of `notes` are masked.
    pub(crate) fn is_masked(&self) -> bool {
        self.policies("notes").mask.is_some()
    }

    /// Clears the schema and fills it: data, grants and native policies.
    pub(crate) fn enter(&self, role: &str) -> String {
        let schema = &self.schema;
        let mut sql = format!(
            "select {schema}_masked.clear(); {}; grant select on {schema}.members to {role};",
            self.data
        );
        for table in &self.tables {
            sql += &table.native(schema, role);
        }
        for it in &self.functions {
            let _ = write!(
                sql,
                "grant execute on function {schema}.{} to {role};",
                it.name
            );
        }
        sql
    }

    /// How the planner of both sides is bent.
    pub(crate) fn settings(&self) -> &str {
        &self.settings
    }

    /// The tables whose references are guarded, for the native side's triggers.
    pub(crate) fn native_settings(&self) -> String {
        let guarded = self.tables.iter().filter(|it| it.references);
        let names: Vec<_> = guarded.map(|it| it.table.name).collect();
        let preset = if self.policies("logs").grants.preset {
            "preset"
        } else {
            ""
        };
        format!(
            "set differential.guarded = '{},'; set differential.preset = '{preset}';",
            names.join(",")
        )
    }

    /// The policy files.
    pub(crate) fn files(&self, without: Without) -> Vec<SourceFile> {
        let (kind, columns) = match without {
            Without::Requires => ("require", Columns::Granted),
            Without::Denies => ("deny", Columns::Granted),
            Without::Presets => ("preset", Columns::Granted),
            Without::ColumnGrants => ("", Columns::All),
            Without::Nothing | Without::FunctionGrants => ("", Columns::Granted),
        };
        let granted = self.tables.iter().filter(|table| table.is_granted());
        let mut files: Vec<_> = granted
            .map(|table| SourceFile {
                path: format!("policies/{}.{}.toml", self.schema, table.table.name),
                text: table.file(&self.schema, kind, columns),
            })
            .collect();
        files.push(SourceFile {
            path: "policies/functions.toml".into(),
            text: self.functions_file(without),
        });
        files
    }

    fn functions_file(&self, without: Without) -> String {
        let mut text = String::new();
        let all: Vec<_> = FUNCTIONS.iter().collect();
        let listed = match without {
            Without::FunctionGrants => &all,
            _ => &self.functions,
        };
        for it in listed {
            let (schema, name, types) = (&self.schema, it.name, it.types);
            let _ = writeln!(text, "[function.\"{schema}.{name}({types})\"]");
            let _ = writeln!(text, "roles = [\"authenticated\"]\nmode = \"trusted\"");
            let readable = |table: &&str| self.policies(table).allows("select");
            if let Some(table) = it.returns.filter(readable) {
                let _ = writeln!(text, "returns = \"{schema}.{table}\"");
            }
        }
        text
    }

    /// The policy files as one text, for the report of a difference.
    pub(crate) fn report(&self) -> String {
        let files = self.files(Without::Nothing).into_iter();
        let text = format!(
            "{}\n{}\n{}",
            self.settings,
            self.native_settings(),
            self.data
        );
        files.fold(text, |mut text, file| {
            let _ = write!(text, "\n# {}\n{}", file.path, file.text);
            text
        })
    }

    /// Deletes what the caller may not select, in an order that subqueries of callers allow.
    pub(crate) fn without_hidden(&self) -> String {
        let mut sql = String::from("set local session_replication_role = replica;");
        for table in self.tables.iter().filter(|it| !it.table.is_view) {
            sql += &table.without_hidden(&self.schema);
        }
        sql
    }
}

/// Settings that tempt the planner into other plans, generic ones among them.
fn settings(random: &mut StdRng) -> String {
    const SWITCHES: [&str; 9] = [
        "hashjoin",
        "mergejoin",
        "nestloop",
        "seqscan",
        "indexscan",
        "bitmapscan",
        "memoize",
        "material",
        "hashagg",
    ];
    let mode = ["auto", "force_generic_plan", "force_custom_plan"];
    let mode = mode.choose(random).copied().unwrap_or("auto");
    let mut sql = format!("set plan_cache_mode = {mode};");
    for switch in SWITCHES {
        let on = random.random_bool(0.8);
        let _ = write!(sql, "set enable_{switch} = {on};");
    }
    let limit = if random.random_bool(0.8) { 8 } else { 1 };
    let _ = write!(sql, "set join_collapse_limit = {limit};");
    sql
}
