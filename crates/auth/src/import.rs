//! Bringing users over from another system, with their password hashes.
//!
//! A file is read record by record, so that its size does not matter. Each record becomes a
//! [`Person`] or a reason why not; people are written in batches. Ids that are UUIDs stay, others
//! become UUIDs that depend on the old id alone, so that a second run finds the same users.

mod auth0;
mod fields;
mod firebase;
mod people;
mod person;
mod records;
mod supabase;
mod write;

use std::io::BufRead;
use std::sync::Arc;

use postern_base::Clock;
use postern_db::own;
use postern_db::own::OwnDb;
use postern_vault::Vault;
use serde_json::{Map, Value, json};

pub use firebase::HashConfig;
pub use person::{Person, PersonIdentity};
pub use records::{Content, FileKind, Place, Records};

use crate::audit::note_command;
use crate::{Error, Result};

/// People that are written at once.
const BATCH: usize = 200;

/// Where the users come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// An export of `auth.users`, as JSON or CSV.
    Supabase,
    /// An export of `auth.identities` for users who are there already.
    SupabaseIdentities,
    /// A bulk export, a record a line.
    Auth0,
    /// The output of `firebase auth:export`, and what its hashes were made with.
    Firebase(Option<HashConfig>),
}

/// What is done with the people of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// New ones are made, those who are there stay as they are.
    Add,
    /// Those who are there are brought up to the file as well; a password they have stays.
    Update,
    /// Everything is tried and nothing is kept.
    DryRun,
}

/// How an import went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Records that were read.
    pub read: u64,
    /// Users or identities that were made.
    pub created: u64,
    /// Those that were there and changed.
    pub updated: u64,
    /// Those that were there and stayed.
    pub unchanged: u64,
    /// Records that could not be taken.
    pub rejected: u64,
}

/// What happens during an import.
#[derive(Debug)]
pub enum Event<'a> {
    /// So much is done.
    Progress(&'a Report),
    /// A record could not be taken.
    Rejected(Place, &'a str),
}

/// What was done with one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Created,
    Updated,
    Unchanged,
}

/// What a refusal by the database costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Care {
    /// The whole batch.
    Quick,
    /// The record alone.
    Each,
}

/// What one record asks for.
#[derive(Debug)]
enum Item {
    Person(Box<Person>),
    Identity(PersonIdentity),
}

/// Imports users.
pub struct Importer {
    db: OwnDb,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
}

impl Importer {
    /// Makes an importer.
    pub fn new(db: OwnDb, vault: Arc<Vault>, clock: Arc<dyn Clock>) -> Self {
        Self { db, vault, clock }
    }

    /// Imports a file; `tell` hears how it goes.
    ///
    /// # Errors
    /// When the file cannot be read on, or the database is lost; what was written stays, and the
    /// import can be run again.
    pub async fn run<R: BufRead>(
        &self,
        records: Records<R>,
        source: &Source,
        mode: Mode,
        tell: &mut (dyn FnMut(Event<'_>) + Send),
    ) -> Result<Report> {
        let mut report = Report::default();
        let mut batch = Vec::with_capacity(BATCH);
        for record in records {
            let (place, content) = record
                .map_err(|error| Error::internal("The file could not be read to its end", error))?;
            report.read += 1;
            match content.and_then(|it| item(source, &it)) {
                Ok(item) => batch.push((place, item)),
                Err(reason) => reject(&mut report, place, &reason, tell),
            }
            if batch.len() == BATCH {
                self.write(&mut batch, mode, &mut report, tell).await?;
                tell(Event::Progress(&report));
            }
        }
        self.write(&mut batch, mode, &mut report, tell).await?;
        tell(Event::Progress(&report));
        if mode != Mode::DryRun {
            self.note(&report).await?;
        }
        Ok(report)
    }

    /// Writes a batch in one transaction, and once more with care when a record fails.
    async fn write(
        &self,
        batch: &mut Vec<(Place, Item)>,
        mode: Mode,
        report: &mut Report,
        tell: &mut (dyn FnMut(Event<'_>) + Send),
    ) -> Result<()> {
        let outcomes = match self.write_all(batch, mode, Care::Quick).await {
            Ok(outcomes) => outcomes,
            Err(_) => self.write_all(batch, mode, Care::Each).await?,
        };
        for ((place, _), outcome) in batch.drain(..).zip(outcomes) {
            match outcome {
                Ok(outcome) => report.count(outcome),
                Err(reason) => reject(report, place, &reason, tell),
            }
        }
        Ok(())
    }

    async fn write_all(
        &self,
        batch: &[(Place, Item)],
        mode: Mode,
        care: Care,
    ) -> Result<Vec<Result<Outcome, String>>> {
        let now = crate::service::now(&*self.clock);
        let tx = self.db.begin().await?;
        crate::service::tell_time(&tx, now).await?;
        let mut outcomes = Vec::with_capacity(batch.len());
        for (_, item) in batch {
            if care == Care::Each {
                tx.execute(own!("savepoint item"), &[]).await?;
            }
            let written = match item {
                Item::Person(person) => write::person(&tx, person, mode, now).await,
                Item::Identity(identity) => write::late_identity(&tx, identity, now).await,
            };
            outcomes.push(match written {
                Err(error) if care == Care::Each => {
                    // On a connection that was lost, this fails as well and ends the import.
                    tx.execute(own!("rollback to savepoint item"), &[]).await?;
                    Err(refusal(&error))
                }
                written => written?,
            });
        }
        if mode != Mode::DryRun {
            tx.commit().await?;
        }
        Ok(outcomes)
    }

    async fn note(&self, report: &Report) -> Result<()> {
        let traits = [
            ("created", json!(report.created)),
            ("updated", json!(report.updated)),
            ("rejected", json!(report.rejected)),
        ];
        let now = crate::service::now(&*self.clock);
        let tx = self.db.begin().await?;
        note_command(&tx, &self.vault, "users_imported", traits, now).await?;
        Ok(tx.commit().await?)
    }
}

impl Report {
    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Created => self.created += 1,
            Outcome::Updated => self.updated += 1,
            Outcome::Unchanged => self.unchanged += 1,
        }
    }
}

fn item(source: &Source, record: &Map<String, Value>) -> Result<Item, String> {
    let person = match source {
        Source::Supabase => supabase::person(record)?,
        Source::SupabaseIdentities => return supabase::identity(record).map(Item::Identity),
        Source::Auth0 => auth0::person(record)?,
        Source::Firebase(config) => firebase::person(record, config.as_ref())?,
    };
    Ok(Item::Person(Box::new(person)))
}

fn reject(
    report: &mut Report,
    place: Place,
    reason: &str,
    tell: &mut (dyn FnMut(Event<'_>) + Send),
) {
    report.rejected += 1;
    tell(Event::Rejected(place, reason));
}

/// What the database says, for the operator's eyes.
fn refusal(error: &Error) -> String {
    let refused = error
        .inner()
        .and_then(|inner| inner.downcast_ref::<postern_db::Error>())
        .and_then(postern_db::Error::refused);
    match refused {
        Some((sqlstate, message)) => format!("the database refuses it: {message} ({sqlstate})"),
        None => error.message().to_owned(),
    }
}
