//! The snapshot itself: lookups over relations and functions, relationships worked out once.

use std::collections::HashMap;

use indexmap::IndexMap;
use postern_base::{FunctionName, RelationName};

use crate::{Function, Leakproof, Relation, Relationship, relationship};

/// What introspection hands over.
#[derive(Clone, Debug, Default)]
pub struct CatalogParts {
    /// Relations of the served schemas, and of others that policies may look into.
    pub relations: Vec<Relation>,
    /// Functions of the served schemas.
    pub functions: Vec<Function>,
    /// The database's leakproof operators.
    pub leakproof: Leakproof,
    /// The schema of PostGIS's `st_asgeojson(record, …)`, if it is there.
    pub geojson: Option<String>,
    /// `COMMENT ON SCHEMA` by schema.
    pub schema_comments: HashMap<String, String>,
    /// `server_version_num`, such as 150018.
    pub server_version: u32,
    /// A fingerprint of all of the above: equal snapshots have equal versions.
    pub version: u64,
}

/// One consistent picture of the schema; a request keeps the one that it started with.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    relations: IndexMap<RelationName, Relation>,
    functions: IndexMap<FunctionName, Vec<Function>>,
    relationships: HashMap<RelationName, Vec<Relationship>>,
    leakproof: Leakproof,
    geojson: Option<String>,
    schema_comments: HashMap<String, String>,
    server_version: u32,
    version: u64,
}

impl Catalog {
    /// Builds the lookups and works out the relationships.
    pub fn new(parts: CatalogParts) -> Self {
        let mut catalog = Self {
            leakproof: parts.leakproof,
            geojson: parts.geojson,
            schema_comments: parts.schema_comments,
            server_version: parts.server_version,
            version: parts.version,
            ..Self::default()
        };
        for relation in parts.relations {
            catalog.relations.insert(relation.name.clone(), relation);
        }
        for function in parts.functions {
            catalog
                .functions
                .entry(function.name.clone())
                .or_default()
                .push(function);
        }
        catalog.relationships = catalog
            .relations
            .values()
            .map(|relation| {
                (
                    relation.name.clone(),
                    relationship::starting_at(relation, &catalog),
                )
            })
            .collect();
        catalog
    }

    /// Looks a relation up.
    pub fn relation(&self, name: &RelationName) -> Option<&Relation> {
        self.relations.get(name)
    }

    /// All relations, in the order of introspection (by schema and name).
    pub fn relations(&self) -> impl Iterator<Item = &Relation> {
        self.relations.values()
    }

    /// All overloads of a function; empty when there is none.
    pub fn overloads(&self, name: &FunctionName) -> &[Function] {
        self.functions.get(name).map_or(&[], Vec::as_slice)
    }

    /// All functions.
    pub fn functions(&self) -> impl Iterator<Item = &Function> {
        self.functions.values().flatten()
    }

    /// All relationships that start at a relation.
    pub fn relationships(&self, near: &RelationName) -> &[Relationship] {
        self.relationships.get(near).map_or(&[], Vec::as_slice)
    }

    /// The database's leakproof operators.
    pub fn leakproof(&self) -> &Leakproof {
        &self.leakproof
    }

    /// The schema of PostGIS's `st_asgeojson(record, …)`, if it is there.
    pub fn geojson(&self) -> Option<&str> {
        self.geojson.as_deref()
    }

    /// `COMMENT ON SCHEMA`.
    pub fn schema_comment(&self, schema: &str) -> Option<&str> {
        self.schema_comments.get(schema).map(String::as_str)
    }

    /// `server_version_num`.
    pub fn server_version(&self) -> u32 {
        self.server_version
    }

    /// The snapshot's fingerprint.
    pub fn version(&self) -> u64 {
        self.version
    }
}
