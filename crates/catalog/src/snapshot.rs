//! The snapshot itself: lookups over relations and functions, relationships worked out once.

use std::collections::{BTreeMap, HashMap};

use indexmap::IndexMap;
use postern_base::{FunctionName, RelationName};

use crate::passed_on::Readers;
use crate::relationship::Keys;
use crate::{
    ForeignKey, Function, Leakproof, PassedOn, PgType, Relation, Relationship, Representation,
    TypeKind, relationship,
};

/// What introspection hands over.
#[derive(Clone, Debug, Default)]
pub struct CatalogParts {
    /// Relations of the served schemas, and of others that policies may look into.
    pub relations: Vec<Relation>,
    /// Functions of the served schemas.
    pub functions: Vec<Function>,
    /// Aggregates of rows that make a media type, which are called by nobody's name.
    pub handlers: Vec<Function>,
    /// What views pass on of other relations.
    pub passed_on: Vec<PassedOn>,
    /// The representations of domains, by schema and name.
    pub representations: BTreeMap<(String, String), Representation>,
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
    handlers: Vec<Function>,
    /// Functions of a row, by the relation whose row they take.
    computed: HashMap<RelationName, Vec<Function>>,
    relationships: HashMap<RelationName, Vec<Relationship>>,
    representations: BTreeMap<(String, String), Representation>,
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
            representations: parts.representations,
            handlers: parts.handlers,
            server_version: parts.server_version,
            version: parts.version,
            ..Self::default()
        };
        for relation in parts.relations {
            catalog.relations.insert(relation.name.clone(), relation);
        }
        for function in parts.functions {
            let near = function.takes_row_of();
            if let Some(near) = near.filter(|it| catalog.relations.contains_key(it)) {
                let computed = catalog.computed.entry(near).or_default();
                computed.push(function.clone());
            }
            catalog
                .functions
                .entry(function.name.clone())
                .or_default()
                .push(function);
        }
        catalog.relationships = catalog.worked_out(&Readers::new(&parts.passed_on));
        catalog
    }

    fn worked_out(&self, readers: &Readers<'_>) -> HashMap<RelationName, Vec<Relationship>> {
        let keys: Vec<Vec<ForeignKey>> = self
            .relations
            .values()
            .map(|it| {
                it.foreign_keys
                    .iter()
                    .flat_map(|key| readers.spread(key))
                    .collect()
            })
            .collect();
        let owned: Vec<_> = self
            .relations
            .values()
            .zip(keys.iter().map(Vec::as_slice))
            .collect();
        let keys = Keys::new(&owned);
        self.relations
            .values()
            .map(|it| (it.name.clone(), relationship::starting_at(it, &keys, self)))
            .collect()
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

    /// The aggregates of rows whose value says by its type's name what it is.
    pub fn handlers(&self) -> impl Iterator<Item = &Function> {
        self.handlers.iter()
    }

    /// The function of this name that takes a row of the relation: one of the relation's own
    /// schema before one of another.
    pub fn computed(&self, relation: &RelationName, name: &str) -> Option<&Function> {
        let named = || {
            self.functions_of_row(relation)
                .filter(|it| it.name.name == name)
        };
        let near = named().find(|it| it.name.schema == relation.schema);
        near.or_else(|| named().next())
    }

    /// All functions that take a row of the relation.
    pub fn functions_of_row(&self, relation: &RelationName) -> impl Iterator<Item = &Function> {
        self.computed.get(relation).into_iter().flatten()
    }

    /// All relationships that start at a relation.
    pub fn relationships(&self, near: &RelationName) -> &[Relationship] {
        self.relationships.get(near).map_or(&[], Vec::as_slice)
    }

    /// How values of the type look to clients, where that is not how they are stored.
    pub fn representation(&self, ty: &PgType) -> Option<&Representation> {
        if self.representations.is_empty() || !matches!(ty.kind, TypeKind::Domain(_)) {
            return None;
        }
        self.representations
            .get(&(ty.schema.clone(), ty.name.clone()))
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
