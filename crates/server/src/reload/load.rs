//! Reading schema and policies into a snapshot that can be served.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use postern_catalog::Catalog;
use postern_db::Db;
use postern_db::survey::Survey;
use postern_policy::{Bundle, Diagnostic};
use postern_rest::{Candidate, Enforce, SavedQueries, Snapshot};

use super::candidate::load_candidate;
use super::check::{CheckError, Remains, check, check_closing};
use super::notice::{Notice, Reporter};
use super::queries::{Grants, QUERIES_DIR, load_queries};
use super::sources::PolicySources;
use crate::Config;
use crate::gateway::StartError;
use crate::policies::History;

/// Where schema and policies come from.
#[derive(Clone)]
pub struct Loader {
    db: Db,
    schemas: Vec<String>,
    extra_schemas: Vec<String>,
    policies_dir: PathBuf,
    shadow_dir: Option<PathBuf>,
    history: Option<History>,
    enforce: Enforce,
}

/// A snapshot that can be served, and the files that it was made of.
#[derive(Debug)]
pub struct Loaded {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// The policy files.
    pub sources: PolicySources,
    /// What the author should look at.
    pub warnings: Vec<Diagnostic>,
}

impl From<CheckError> for StartError {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Database(error) => Self::Database(error),
            CheckError::Policies(diagnostics) => Self::Policies(diagnostics),
        }
    }
}

impl Loader {
    /// A loader of the configured schemas and policy files.
    pub fn new(db: Db, config: &Config) -> Self {
        Self {
            db,
            schemas: config.api.schemas.clone(),
            extra_schemas: config.api.extra_schemas.clone(),
            policies_dir: config.policies.dir.clone(),
            shadow_dir: config.policies.shadow.clone(),
            history: config.policies.history.clone().map(History::new),
            enforce: config.api.enforce,
        }
    }

    /// The database.
    pub(crate) fn db(&self) -> &Db {
        &self.db
    }

    /// The folder of the policy files.
    pub fn policies_dir(&self) -> &PathBuf {
        &self.policies_dir
    }

    /// Reads the schema.
    ///
    /// # Errors
    /// Returns an error when the database cannot be asked.
    pub async fn catalog(&self) -> Result<Catalog, postern_db::Error> {
        let schemas: Vec<_> = self.schemas.iter().map(String::as_str).collect();
        let extra: Vec<_> = self.extra_schemas.iter().map(String::as_str).collect();
        self.db.introspect(&schemas, &extra).await
    }

    /// Looks at the database's own defences around the served schemas.
    ///
    /// # Errors
    /// Returns an error when the database cannot be asked.
    pub async fn survey(&self) -> Result<Survey, postern_db::Error> {
        self.db.survey(&self.schemas).await
    }

    /// Reads and checks everything.
    ///
    /// # Errors
    /// Returns every diagnostic of every policy file, or why the database could not be asked.
    pub async fn load(&self) -> Result<Loaded, CheckError> {
        let catalog = self.catalog().await?;
        self.load_for(Arc::new(catalog)).await
    }

    /// Reads the policy files and checks them against a schema that was just read.
    pub(super) async fn load_for(&self, catalog: Arc<Catalog>) -> Result<Loaded, CheckError> {
        let sources = match self.enforce {
            // The database alone decides: a file could neither allow nor hide anything.
            Enforce::Native => PolicySources::default(),
            Enforce::Rewrite | Enforce::Both => {
                PolicySources::read(&self.policies_dir).map_err(CheckError::Policies)?
            }
        };
        let checked = check(&self.db, &catalog, &sources).await?;
        let queries = self.queries(&catalog, &checked.bundle).await?;
        let (candidate, errors) = self.candidate(&catalog).await?;
        let mut warnings = checked.warnings;
        warnings.extend(errors);
        Ok(Loaded {
            snapshot: Snapshot {
                catalog,
                bundle: Arc::new(checked.bundle),
                queries: Arc::new(queries),
                candidate,
            },
            sources,
            warnings,
        })
    }

    /// Keeps the files of what is served from now on, where a history is kept. It is for people
    /// who compare, so a folder that cannot be written stops nothing.
    pub(super) fn keep(&self, loaded: &Loaded, reporter: &Reporter) {
        let Some(history) = self
            .history
            .as_ref()
            .filter(|_| self.enforce != Enforce::Native)
        else {
            return;
        };
        let hash = &loaded.snapshot.bundle.hash;
        if let Err(error) = history.keep(hash, &loaded.sources) {
            let advice = format!("the policies that are served could not be kept: {error}");
            reporter.tell(&Notice::Advice(advice));
        }
    }

    /// The folder of the candidate policies, if one is tried.
    pub(super) fn shadow_dir(&self) -> Option<&PathBuf> {
        self.shadow_dir.as_ref()
    }

    async fn candidate(
        &self,
        catalog: &Catalog,
    ) -> Result<(Candidate, Vec<Diagnostic>), postern_db::Error> {
        match &self.shadow_dir {
            None => Ok((Candidate::Off, Vec::new())),
            Some(dir) => load_candidate(&self.db, catalog, dir).await,
        }
    }

    /// The folder of the saved queries.
    pub(super) fn queries_dir(&self) -> PathBuf {
        let project = self.policies_dir.parent().unwrap_or(Path::new("."));
        project.join(QUERIES_DIR)
    }

    async fn queries(
        &self,
        catalog: &Catalog,
        bundle: &Bundle,
    ) -> Result<SavedQueries, CheckError> {
        let schema = self.schemas.first().map_or("public", String::as_str);
        let grants = match self.enforce {
            Enforce::Native => Grants::OfTheDatabase,
            Enforce::Rewrite | Enforce::Both => Grants::OfPolicies(bundle),
        };
        load_queries(&self.db, catalog, grants, (&self.queries_dir(), schema)).await
    }

    /// Checks known policy files against a schema that has moved on; those that no longer fit
    /// are left out.
    pub(super) async fn load_closing(
        &self,
        catalog: Arc<Catalog>,
        sources: &PolicySources,
        reporter: &Reporter,
    ) -> Result<Snapshot, postern_db::Error> {
        let Remains { checked, closed } = check_closing(&self.db, &catalog, sources).await?;
        let closed_any = !closed.is_empty();
        for (file, diagnostics) in closed {
            reporter.tell(&Notice::Closed { file, diagnostics });
        }
        // Queries that fit a part of the policies only are gone until the files are whole again.
        let queries = match closed_any {
            true => SavedQueries::default(),
            false => match self.queries(&catalog, &checked.bundle).await {
                Ok(queries) => queries,
                Err(CheckError::Policies(_)) => SavedQueries::default(),
                Err(CheckError::Database(error)) => return Err(error),
            },
        };
        let (candidate, _) = self.candidate(&catalog).await?;
        Ok(Snapshot {
            candidate,
            catalog,
            bundle: Arc::new(checked.bundle),
            queries: Arc::new(queries),
        })
    }

    /// The first load of a server: an error ends it.
    pub(crate) async fn load_first(&self, reporter: &Reporter) -> Result<Loaded, StartError> {
        let started = Instant::now();
        let loaded = self.load().await?;
        tell_served("start", &loaded.snapshot, started, reporter);
        self.keep(&loaded, reporter);
        if !loaded.warnings.is_empty() {
            reporter.tell(&Notice::Warned(loaded.warnings.clone()));
        }
        Ok(loaded)
    }
}

/// Tells that a snapshot is served from now on.
pub(super) fn tell_served(
    cause: &'static str,
    snapshot: &Snapshot,
    started: Instant,
    reporter: &Reporter,
) {
    reporter.tell(&Notice::Served {
        cause,
        relations: snapshot.catalog.relations().count(),
        bundle: snapshot.bundle.hash.clone(),
        duration: started.elapsed(),
    });
}
