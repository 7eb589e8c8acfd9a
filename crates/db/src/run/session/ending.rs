//! How a transaction ends, and what is undone behind it: one message, whatever it was.
//!
//! SECURITY: a function may set something for longer than its transaction: settings, a role,
//! channels that it listens to, temporary tables, cursors, locks. All of it goes behind every
//! transaction, whoever made it, so nobody has to know beforehand which code leaves something.

use std::pin::pin;

use futures_util::TryStreamExt;
use tokio_postgres::{Client, Row, SimpleQueryMessage};

use super::escort::Escort;
use crate::admin::quote_identifier;
use crate::connect::{Companions, Pipeline};
use crate::internal::Internal;

const RESPONSE: &str = "select pg_catalog.current_setting('response.headers', true), \
                        pg_catalog.current_setting('response.status', true)";
const UNLOCK: &str = "select pg_catalog.pg_advisory_unlock_all()";
/// Cursors that outlive their transaction, roles, settings and channels.
const UNDO: [&str; 4] = [
    "close all",
    "set session authorization default",
    "reset all",
    "unlisten *",
];
/// Only a transaction that may write can make temporary tables.
const DISCARD: &str = "discard temp";

/// The last messages of a session's transactions.
#[derive(Debug)]
pub(crate) struct Endings {
    /// What a new session is sent first, if anything.
    opening: Option<String>,
    /// What may travel with its statements.
    pub(super) escort: Escort,
    /// Commits a read whose row brings along what else there is to know.
    after_read: String,
    /// Asks what the answer is to look like, and commits.
    commit: String,
    /// The same, but nothing stays.
    rollback: String,
    /// Undoes whatever came of a transaction that is over.
    clean: String,
    /// Ends one that is not, and undoes whatever came of it.
    abandon: String,
}

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::run) enum Ending {
    /// A READ ONLY transaction whose last statement was wrapped by [`wrapped`].
    AfterRead,
    /// The same, and its end has travelled with the statement.
    WithRead,
    /// What was done stays.
    Commit,
    /// The same, and the end has travelled with the statement.
    WithCommit,
    /// What a commit would have refused is refused, and nothing stays.
    Rollback,
}

/// What became of a transaction that came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::run) enum Left {
    /// It was not ended.
    Open,
    /// It is over; to end it once more would make the server warn of that in its log.
    Over,
}

/// What came of the last message.
#[derive(Debug, Default)]
pub(super) struct Ended {
    /// What functions want the answer to look like.
    pub(super) response: Response,
    /// Whether something may be left on the session.
    pub(super) is_unclean: bool,
}

/// What functions want the answer to look like.
#[derive(Debug, Default)]
pub(super) struct Response {
    pub(super) headers: Option<String>,
    pub(super) status: Option<String>,
}

impl Endings {
    /// The messages of a session that rests in a role, or in none but its login's.
    pub(crate) fn of(resting: Option<&str>) -> Self {
        let Some(role) = resting else {
            // Nothing of a session is relied on: behind a pooler each transaction has another.
            return Self::made((RESPONSE, UNLOCK), &UNDO.join("; "));
        };
        let rest = format!("set role {}", quote_identifier(role));
        // Planning the two costs more than running them.
        let opening = format!(
            "{rest}; prepare postern_response as {RESPONSE}; prepare postern_unlock as {UNLOCK}"
        );
        let prepared = ("execute postern_response", "execute postern_unlock");
        let undo = format!("{}; {rest}", UNDO.join("; "));
        Self {
            opening: Some(opening),
            escort: Escort::new(DISCARD, UNDO.into_iter().chain([rest.as_str()])),
            ..Self::made(prepared, &undo)
        }
    }

    fn made((response, unlock): (&str, &str), undo: &str) -> Self {
        // The lock comes last: what stands for it has no more rights than the resting role.
        let clean = format!("{DISCARD}; {undo}; {unlock}");
        let after = |end: &str| format!("{end}; {clean}");
        Self {
            opening: None,
            escort: Escort::default(),
            after_read: format!("commit; {undo}"),
            commit: after(&format!("{response}; commit")),
            rollback: after(&format!(
                "{response}; set constraints all immediate; rollback"
            )),
            abandon: after("rollback"),
            clean,
        }
    }

    /// Brings a new session to rest, and prepares by name what its transactions will need.
    pub(crate) async fn rest(
        &self,
        client: &Client,
        pipeline: Option<&Pipeline>,
    ) -> Result<(), tokio_postgres::Error> {
        let Some(opening) = &self.opening else {
            return Ok(());
        };
        client.batch_execute(opening).await?;
        if let Some(pipeline) = pipeline {
            pipeline.attach(self.escort.preparing.clone(), Companions::default());
            client.query_one(Internal::Ping.sql(), &[]).await?;
        }
        Ok(())
    }

    /// Undoes everything, down to the role that the session rests in.
    pub(in crate::run) async fn clean(
        &self,
        client: &Client,
        left: Left,
    ) -> Result<(), tokio_postgres::Error> {
        let message = match left {
            Left::Open => &self.abandon,
            Left::Over => &self.clean,
        };
        client.batch_execute(message).await
    }

    /// Sends the message. Only what comes before the transaction's end is told as an error: what
    /// is committed is committed, and a session that could not be cleaned is not used again.
    pub(super) async fn send(
        &self,
        client: &Client,
        ending: Ending,
    ) -> Result<Ended, tokio_postgres::Error> {
        let (message, steps) = match ending {
            Ending::WithRead | Ending::WithCommit => return Ok(Ended::default()),
            Ending::AfterRead => (&self.after_read, 1),
            Ending::Commit => (&self.commit, 2),
            Ending::Rollback => (&self.rollback, 3),
        };
        let mut answers = pin!(client.simple_query_raw(message).await?);
        let (mut done, mut response) = (0, Response::default());
        let is_unclean = loop {
            match answers.try_next().await {
                Ok(Some(SimpleQueryMessage::Row(row))) if done == 0 => {
                    response = Response::of(row.get(0), row.get(1));
                }
                Ok(Some(SimpleQueryMessage::CommandComplete(_))) => done += 1,
                Ok(Some(_)) => {}
                Ok(None) => break false,
                Err(failure) if done < steps => return Err(failure),
                Err(_) => break true,
            }
        };
        Ok(Ended {
            response,
            is_unclean,
        })
    }
}

impl Response {
    /// A setting that was never set is missing in a new session, and empty in an older one.
    fn of(headers: Option<&str>, status: Option<&str>) -> Self {
        let said = |text: Option<&str>| text.filter(|it| !it.is_empty()).map(str::to_owned);
        Self {
            headers: said(headers),
            status: said(status),
        }
    }

    /// What came of a companion that asked.
    pub(super) fn of_companion(row: &[Option<String>]) -> Self {
        let text = |index: usize| row.get(index).and_then(Option::as_deref);
        Self::of(text(0), text(1))
    }

    /// What the row of a wrapped read says.
    pub(super) fn of_wrapped(row: Option<&Row>) -> Self {
        let text = |index: usize| row.and_then(|it| it.try_get(index).unwrap_or(None));
        Self::of(text(4), text(5))
    }
}

/// A read whose row brings along what the answer is to look like, and gives back the locks that
/// something behind it may have taken for longer than its transaction.
///
/// The columns are computed one after the other, behind the whole of the read.
pub(super) fn wrapped(sql: &str) -> String {
    format!(
        "select \"read\".*, pg_catalog.current_setting('response.headers', true), \
         pg_catalog.current_setting('response.status', true), \
         pg_catalog.pg_advisory_unlock_all() from ({sql}) as \"read\""
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_undoes_and_rests() {
        let endings = Endings::of(Some("an\"on"));

        for ending in [
            &endings.after_read,
            &endings.commit,
            &endings.rollback,
            &endings.clean,
            &endings.abandon,
        ] {
            assert!(ending.contains(&UNDO.join("; ")), "{ending}");
            assert!(ending.contains("; set role \"an\"\"on\""), "{ending}");
        }
        for ending in [&endings.commit, &endings.rollback, &endings.clean] {
            assert!(ending.contains(DISCARD), "{ending}");
            assert!(ending.ends_with("; execute postern_unlock"), "{ending}");
        }
        assert_eq!(endings.abandon, format!("rollback; {}", endings.clean));
    }

    #[test]
    fn without_a_resting_role_nothing_is_relied_on() {
        let endings = Endings::of(None);

        assert_eq!(endings.opening, None);
        for ending in [&endings.commit, &endings.rollback, &endings.clean] {
            assert!(ending.ends_with(UNLOCK), "{ending}");
            assert!(!ending.contains("set role"), "{ending}");
            assert!(!ending.contains("execute"), "{ending}");
        }
    }
}
