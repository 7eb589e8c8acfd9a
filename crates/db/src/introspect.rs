//! Reading the catalogue: a fixed number of set-based queries, whatever the schema's size.
//!
//! All of them run in one transaction with an empty search path, so that every type's name comes
//! out ready for SQL. What follows from the rows (which verbs need the session path, what a
//! function returns) is worked out here; what follows from the finished snapshot (relationships)
//! is `catalog`'s.

mod columns;
mod functions;
mod keys;
mod relations;
mod representations;
mod session_needs;
mod types;
mod version;
mod views;

use std::collections::HashMap;

use futures_util::future::try_join_all;
use postern_catalog::{Catalog, CatalogParts, Leakproof, Relation};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row};

use crate::{Error, error};

/// A statement of the catalogue's reading; see [`Query::sql`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Query {
    Version,
    Reached,
    Types,
    Enums,
    Relations,
    Columns,
    Indexes,
    ForeignKeys,
    Triggers,
    Functions,
    Sources,
    Views,
    Representations,
    Leakproof,
    GeoJson,
    Schemas,
}

impl Query {
    const fn sql(self) -> &'static str {
        match self {
            Self::Version => "select pg_catalog.current_setting('server_version_num')::int4",
            Self::Reached => include_str!("introspect/sql/reached.sql"),
            Self::Types => include_str!("introspect/sql/types.sql"),
            Self::Enums => include_str!("introspect/sql/enums.sql"),
            Self::Relations => include_str!("introspect/sql/relations.sql"),
            Self::Columns => include_str!("introspect/sql/columns.sql"),
            Self::Indexes => include_str!("introspect/sql/indexes.sql"),
            Self::ForeignKeys => include_str!("introspect/sql/foreign_keys.sql"),
            Self::Triggers => include_str!("introspect/sql/triggers.sql"),
            Self::Functions => include_str!("introspect/sql/functions.sql"),
            Self::Sources => include_str!("introspect/sql/sources.sql"),
            Self::Views => include_str!("introspect/sql/views.sql"),
            Self::Representations => include_str!("introspect/sql/representations.sql"),
            Self::Leakproof => include_str!("introspect/sql/leakproof.sql"),
            Self::GeoJson => include_str!("introspect/sql/geojson.sql"),
            Self::Schemas => include_str!("introspect/sql/schemas.sql"),
        }
    }
}

/// How often the catalogue is read before a relation that goes away meanwhile is an error.
const READS_MAX: usize = 20;
/// What Postgres says when it is asked about a relation that is gone since the snapshot was taken:
/// the functions that print definitions look at the present.
const GONE: &str = "XX000";

/// Reads the relations of `schemas` and `extra`, and the functions of `schemas`.
pub(crate) async fn read(
    client: &Client,
    schemas: &[&str],
    extra: &[&str],
) -> Result<Catalog, Error> {
    let is_gone = |error: &Error| error.refused().is_some_and(|it| it.0 == GONE);
    for _ in 1..READS_MAX {
        match read_once(client, schemas, extra).await {
            Err(error) if is_gone(&error) => {}
            other => return other,
        }
    }
    read_once(client, schemas, extra).await
}

async fn read_once(client: &Client, schemas: &[&str], extra: &[&str]) -> Result<Catalog, Error> {
    client
        .batch_execute(
            "begin isolation level repeatable read read only; set local search_path = ''; \
             set local statement_timeout = '60s'",
        )
        .await
        .map_err(error::internal)?;
    let parts = read_parts(client, schemas, extra).await;
    client
        .batch_execute("rollback")
        .await
        .map_err(error::internal)?;
    Ok(Catalog::new(parts?))
}

async fn read_parts(
    client: &Client,
    schemas: &[&str],
    extra: &[&str],
) -> Result<CatalogParts, Error> {
    let mut all: Vec<&str> = schemas.to_vec();
    all.extend(extra.iter().filter(|it| !schemas.contains(it)));
    let schemas = schemas.to_vec();
    // Views get their keys from the tables that they read, wherever those are.
    let reached = fetch(client, Query::Reached, &[&all]).await?;
    let mut wide = all.clone();
    for row in &reached {
        let schema: &str = get(row, 0)?;
        if !wide.contains(&schema) {
            wide.push(schema);
        }
    }
    let rows = Rows::fetch(client, &wide, &schemas).await?;

    let types = types::Types::new(&rows.types, &rows.enums)?;
    let mut relations = relations(&rows, &types)?;
    let passed_on = views::complete(&mut relations, &rows.views)?;
    relations.retain(|it| all.contains(&it.name.schema.as_str()));
    let functions = functions::read(&rows.functions, &types)?;
    let mut handlers = functions::read(&rows.aggregates, &types)?;
    handlers.retain(|it| it.handled_rows().is_some());
    let operators = leakproof(&rows.leakproof)?;
    let geojson: Option<String> = rows.geojson.first().map(|row| get(row, 0)).transpose()?;
    let comments = rows
        .schemas
        .iter()
        .map(|row| Ok((get(row, 0)?, get(row, 1)?)));
    let comments: Vec<(String, String)> = comments.collect::<Result<_, Error>>()?;
    let representations = representations::read(&rows.representations)?;
    let rest = format!("{geojson:?}{comments:?}{passed_on:?}{representations:?}{handlers:?}");
    let version = version::of(&relations, &functions, &operators, &rest);
    Ok(CatalogParts {
        relations,
        functions,
        handlers,
        passed_on,
        representations,
        leakproof: Leakproof::new(operators),
        geojson,
        schema_comments: comments.into_iter().collect(),
        server_version: rows.server_version,
        version,
    })
}

/// The relations with all that hangs on them, but for what views have of others.
fn relations(rows: &Rows, types: &types::Types) -> Result<Vec<Relation>, Error> {
    let mut columns = columns::by_relation(&rows.columns, types)?;
    let mut keys = keys::by_relation(&rows.indexes, &rows.foreign_keys)?;
    let mut needs = session_needs::by_relation(
        &rows.relations,
        &rows.columns,
        &rows.triggers,
        &rows.sources,
    )?;
    let triggers = relations::triggers(&rows.triggers)?;
    rows.relations
        .iter()
        .map(|row| {
            let mut relation = relations::relation(row)?;
            let oid = relation.oid;
            relation.columns = columns.remove(&oid).unwrap_or_default();
            relation.triggers = triggers.get(&oid).copied().unwrap_or_default();
            relation.session = needs.remove(&oid).unwrap_or_default();
            if let Some(keys) = keys.remove(&oid) {
                relation.primary_key = keys.primary_key;
                relation.unique_keys = keys.unique_keys;
                relation.foreign_keys = keys.foreign_keys;
                relation.indexed = keys.indexed;
            }
            relations::complete_triggers(&mut relation);
            Ok(relation)
        })
        .collect()
}

/// The answers to all queries.
struct Rows {
    server_version: u32,
    types: Vec<Row>,
    enums: Vec<Row>,
    relations: Vec<Row>,
    columns: Vec<Row>,
    indexes: Vec<Row>,
    foreign_keys: Vec<Row>,
    triggers: Vec<Row>,
    functions: Vec<Row>,
    aggregates: Vec<Row>,
    sources: Vec<Row>,
    views: Vec<Row>,
    representations: Vec<Row>,
    leakproof: Vec<Row>,
    geojson: Vec<Row>,
    schemas: Vec<Row>,
}

impl Rows {
    /// Sends all queries at once; they are answered in order.
    async fn fetch(client: &Client, all: &[&str], served: &[&str]) -> Result<Self, Error> {
        let none: [&(dyn ToSql + Sync); 0] = [];
        let all: [&(dyn ToSql + Sync); 1] = [&all];
        let functions: [&(dyn ToSql + Sync); 2] = [&served, &"f"];
        let aggregates: [&(dyn ToSql + Sync); 2] = [&served, &"a"];
        let served: [&(dyn ToSql + Sync); 1] = [&served];
        let queries: [(Query, &[&(dyn ToSql + Sync)]); 16] = [
            (Query::Version, &none),
            (Query::Types, &none),
            (Query::Enums, &none),
            (Query::Relations, &all),
            (Query::Columns, &all),
            (Query::Indexes, &all),
            (Query::ForeignKeys, &all),
            (Query::Triggers, &all),
            (Query::Functions, &functions),
            (Query::Functions, &aggregates),
            (Query::Sources, &none),
            (Query::Views, &all),
            (Query::Representations, &none),
            (Query::Leakproof, &none),
            (Query::GeoJson, &none),
            (Query::Schemas, &served),
        ];
        let answers = queries.map(|(query, params)| fetch(client, query, params));
        let mut answers = try_join_all(answers).await?.into_iter();
        // In the order of the queries.
        let mut next = || answers.next().unwrap_or_default();
        let version = next();
        let server_version: i32 = version.first().map_or(Ok(0), |row| get(row, 0))?;
        Ok(Self {
            server_version: server_version.unsigned_abs(),
            types: next(),
            enums: next(),
            relations: next(),
            columns: next(),
            indexes: next(),
            foreign_keys: next(),
            triggers: next(),
            functions: next(),
            aggregates: next(),
            sources: next(),
            views: next(),
            representations: next(),
            leakproof: next(),
            geojson: next(),
            schemas: next(),
        })
    }
}

async fn fetch(
    client: &Client,
    query: Query,
    params: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Row>, Error> {
    client
        .query(query.sql(), params)
        .await
        .map_err(error::internal)
}

/// Reads one column of a row of the catalogue.
fn get<'a, T: tokio_postgres::types::FromSql<'a>>(row: &'a Row, index: usize) -> Result<T, Error> {
    row.try_get(index).map_err(Error::Internal)
}

/// Groups items by the relation that they belong to, in the order of the rows.
fn push<T>(groups: &mut HashMap<u32, Vec<T>>, relation: u32, item: T) {
    groups.entry(relation).or_default().push(item);
}

fn leakproof(rows: &[Row]) -> Result<Vec<(String, String, String)>, Error> {
    rows.iter()
        .map(|row| Ok((get(row, 0)?, get(row, 1)?, get(row, 2)?)))
        .collect()
}
