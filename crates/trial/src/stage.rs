//! The stage of a trial: a catalogue, a bundle, a transaction, and the rows of a test file.

use std::sync::Arc;

use postern_base::limits::Limits;
use postern_base::{Identity, RelationName, RoleName};
use postern_catalog::{Catalog, Relation, RelationKind};
use postern_db::{Caller, RequestSettings, Trial};
use postern_policy::{Bundle, Case, Suite};
use postern_query::request::{RawRequest, Representation};
use postern_query::{Rewritten, View, tool};

use crate::{Error, Outcome, RequestLine};

/// Most rows in a table of a database that tests may use.
const ROWS_MAX: u64 = 10_000;

/// What a stage is made of.
pub struct StageParts {
    /// The transaction.
    pub trial: Trial,
    /// The schema.
    pub catalog: Arc<Catalog>,
    /// The policies.
    pub bundle: Arc<Bundle>,
    /// The schema that requests speak of.
    pub schema: String,
    /// The limits on requests.
    pub limits: Limits,
    /// The second at which everything is decided.
    pub now_unix_secs: i64,
}

/// A stage.
pub struct Stage {
    pub(crate) trial: Trial,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) bundle: Arc<Bundle>,
    pub(crate) schema: String,
    limits: Limits,
    now: i64,
}

impl Stage {
    /// Sets the stage up.
    pub fn new(parts: StageParts) -> Self {
        Self {
            trial: parts.trial,
            catalog: parts.catalog,
            bundle: parts.bundle,
            schema: parts.schema,
            limits: parts.limits,
            now: parts.now_unix_secs,
        }
    }

    /// Rolls everything back.
    ///
    /// # Errors
    /// When the connection is lost, which rolls back as well.
    pub async fn end(self) -> Result<(), Error> {
        Ok(self.trial.end().await?)
    }

    /// Tells what a caller's rules are for rows.
    ///
    /// # Errors
    /// As [`crate::why`].
    pub async fn why(
        &self,
        view: &View<'_>,
        question: &crate::WhyQuestion,
    ) -> Result<crate::Why, Error> {
        crate::why(&self.trial, view, question).await
    }

    /// Finds a relation.
    pub(crate) fn relation(&self, name: &RelationName) -> Result<&Relation, Error> {
        let found = self.catalog.relation(name);
        found.ok_or_else(|| Error::NoRelation(name.clone()))
    }

    /// A caller's view under a bundle.
    pub(crate) fn view<'v>(
        &'v self,
        bundle: &'v Bundle,
        identity: &'v Identity,
    ) -> Result<View<'v>, Outcome> {
        View::new(&self.catalog, bundle, identity)
            .map(|view| view.at(self.now))
            .map_err(|error| Outcome::of_refusal(&error, identity.is_anonymous()))
    }

    /// Takes a case's request the way that the gateway takes, as far as the statement.
    pub(crate) fn rewritten(
        &self,
        view: &View<'_>,
        case: &Case,
        line: &RequestLine<'_>,
    ) -> Result<Rewritten, Outcome> {
        let raw = RawRequest {
            method: line.method,
            target: line.target.clone(),
            schema: &self.schema,
            query: line.query,
            prefer: case.prefer.as_deref().into_iter().collect(),
            range: None,
            representation: Representation::default(),
            body: case.body.as_ref().map(|it| it.to_string().into()),
        };
        let rewritten = || {
            let parsed = postern_query::parse(&raw, &self.limits)?;
            let plan = postern_query::plan(parsed, view, &self.limits)?;
            postern_query::rewrite(&plan, view)
        };
        rewritten().map_err(|error| Outcome::of_refusal(&error, view.identity().is_anonymous()))
    }

    /// Runs a statement; what it did stays until the next rewind.
    pub(crate) async fn run(
        &self,
        rewritten: &Rewritten,
        view: &View<'_>,
        line: &RequestLine<'_>,
    ) -> Outcome {
        let request = RequestSettings {
            method: format!("{:?}", line.method).to_uppercase(),
            path: match &line.target {
                postern_query::request::Target::Relation(name) => format!("/{name}"),
                postern_query::request::Target::Function(name) => format!("/rpc/{name}"),
            },
            headers_json: "{}".into(),
            cookies_json: "{}".into(),
        };
        let identity = view.identity();
        let caller = Caller {
            identity,
            role: view.role_name(),
            request: &request,
        };
        match self.trial.run(rewritten, &caller).await {
            Ok(answer) => Outcome::of_answer(rewritten, &answer),
            Err(error) => Outcome::of_rejection(&error, identity.is_anonymous()),
        }
    }

    /// The fingerprint of a table's content.
    pub(crate) async fn fingerprint(&self, name: &RelationName) -> Result<String, Error> {
        let identity = Identity::service();
        let view = self.tool_view(&identity);
        let statement = tool::fingerprint(&view, self.relation(name)?);
        Ok(self.trial.ask(&statement).await?)
    }

    /// Empties the tables that policies speak of, and gives the rows of a test file.
    ///
    /// # Errors
    /// When the database looks as if it were in use, or a row cannot be made.
    pub async fn set(&self, suite: &Suite) -> Result<(), Error> {
        let identity = Identity::service();
        let view = self.tool_view(&identity);
        let tables = self.tables(suite);
        for table in &tables {
            let counted = self
                .trial
                .ask(&tool::size(&view, table, ROWS_MAX + 1))
                .await?;
            if counted.parse::<u64>().unwrap_or(u64::MAX) > ROWS_MAX {
                return Err(Error::InUse {
                    relation: table.name.clone(),
                    rows_max: ROWS_MAX,
                });
            }
        }
        let empty: Vec<_> = tables.iter().map(|it| tool::emptied(&view, it)).collect();
        let emptied = self.trial.give(&empty).await;
        emptied.map_err(|(index, error)| Error::Emptied {
            relation: tables[index.min(tables.len() - 1)].name.clone(),
            reason: error.to_string(),
        })?;
        self.give(suite, &view).await?;
        Ok(self.trial.mark().await?)
    }

    async fn give(&self, suite: &Suite, view: &View<'_>) -> Result<(), Error> {
        let mut rows = Vec::new();
        for row in &suite.given {
            let columns: Vec<_> = row.values.keys().cloned().collect();
            // A table of another schema, such as `auth.users`, is the database's to judge.
            let relation = self.catalog.relation(&row.relation);
            let missing = |it: &&String| relation.is_some_and(|of| of.column(it).is_none());
            let unknown = columns.iter().find(missing);
            if let Some(column) = unknown {
                return Err(Error::Given {
                    file: suite.file.clone(),
                    line: row.line,
                    relation: row.relation.clone(),
                    reason: format!("it has no column `{column}`"),
                });
            }
            let values = serde_json::Value::Object(row.values.clone()).to_string();
            rows.push(tool::given(view, &row.relation, &columns, &values));
        }
        self.trial.give(&rows).await.map_err(|(index, error)| {
            let row = &suite.given[index.min(suite.given.len().saturating_sub(1))];
            Error::Given {
                file: suite.file.clone(),
                line: row.line,
                relation: row.relation.clone(),
                reason: error.to_string(),
            }
        })
    }

    /// The tables that are emptied: those with a policy file, those that policies look into, and
    /// those that the test file names; referring ones before those that they refer to.
    fn tables(&self, suite: &Suite) -> Vec<&Relation> {
        let mut names: Vec<RelationName> = Vec::new();
        let mut add = |name: &RelationName| {
            if !names.contains(name) {
                names.push(name.clone());
            }
        };
        suite.given.iter().for_each(|row| add(&row.relation));
        for (name, ..) in self.bundle.accesses() {
            add(name);
        }
        for fragment in self.bundle.fragments() {
            fragment.expr.walk(&mut |it| {
                let items = it.subquery().into_iter().flat_map(|query| &query.from);
                items.for_each(|item| add(&item.relation));
            });
        }
        let mut tables = Vec::new();
        for name in &names {
            let Some(relation) = self.catalog.relation(name) else {
                continue;
            };
            if matches!(
                relation.kind,
                RelationKind::Table | RelationKind::Partitioned
            ) {
                tables.push(relation);
            }
        }
        tables.sort_by(|left, right| left.name.cmp(&right.name));
        referring_first(tables)
    }

    /// The view of tools: its policies are not asked.
    pub(crate) fn tool_view<'v>(&'v self, identity: &'v Identity) -> View<'v> {
        let role = RoleName::new(RoleName::ANON);
        View::of_role(&self.catalog, &self.bundle, identity, role)
    }
}

/// Orders tables so that each comes before those that its foreign keys point to; a cycle stays in
/// its order, and the database judges it.
fn referring_first(mut tables: Vec<&Relation>) -> Vec<&Relation> {
    let mut ordered: Vec<&Relation> = Vec::new();
    while !tables.is_empty() {
        let is_free = |candidate: &&Relation| {
            !tables.iter().any(|other| {
                let refers = |it: &postern_catalog::ForeignKey| it.target == candidate.name;
                other.name != candidate.name && other.foreign_keys.iter().any(refers)
            })
        };
        let next = tables.iter().position(is_free).unwrap_or(0);
        ordered.push(tables.remove(next));
    }
    ordered
}
