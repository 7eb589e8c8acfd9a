//! A trial: a transaction of a policy author's that is always rolled back.
//!
//! Here alone may statements run that no policy has seen ([`ToolStatement`]): the rows of a test,
//! and questions about rows. INVARIANT: nothing in this module sends COMMIT, and a trial that is
//! dropped takes its connection with it.

use std::time::Duration;

use postern_base::Secret;
use postern_query::Rewritten;
use postern_query::tool::ToolStatement;
use tokio_postgres::Client;

use crate::admin::quote_identifier;
use crate::connect::Target;
use crate::error::Audience;
use crate::pool::Statements;
use crate::run::{self, Answer, Caller, TrialRun};
use crate::{DbConfig, Error, error};

/// Where a trial takes place.
#[derive(Clone, Debug)]
pub struct TrialConfig {
    /// The database for the login that makes the rows of tests, where it is another one than the
    /// gateway's: a superuser, who can take on the gateway's role.
    pub owner_url: Option<Secret<String>>,
    /// What the gateway's connections are like.
    pub gateway: DbConfig,
}

/// A transaction that is always rolled back.
pub struct Trial {
    client: Client,
    statements: Statements,
    config: DbConfig,
    /// The login that requests run as, where the connection's is another one.
    gateway_role: Option<String>,
    /// Whether triggers and foreign keys rest while rows are given.
    relaxed: bool,
}

impl Trial {
    /// Connects and begins.
    ///
    /// # Errors
    /// When the database cannot be reached or the gateway's role cannot be taken on.
    pub async fn begin(config: TrialConfig) -> Result<Self, Error> {
        let gateway = Target::parse(&config.gateway.url)?;
        let (target, gateway_role) = match &config.owner_url {
            None => (gateway, None),
            Some(url) => {
                let role = gateway.user().map(ToOwned::to_owned);
                let owner = Target::parse(url)?;
                let other = role.filter(|it| Some(it.as_str()) != owner.user());
                (owner, other)
            }
        };
        let client = target
            .open(|config| {
                config
                    .application_name("postern policy test")
                    .options("-c jit=off -c lock_timeout=10000");
            })
            .await?;
        let mut trial = Self {
            client,
            statements: Statements::default(),
            config: config.gateway,
            gateway_role,
            relaxed: false,
        };
        trial.send("begin").await?;
        trial.relaxed = trial.try_to_relax().await?;
        trial.as_gateway().await?;
        Ok(trial)
    }

    /// Connects and begins for questions alone: nothing can be written, and no question takes
    /// longer than this.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin_to_read(gateway: DbConfig, within: Duration) -> Result<Self, Error> {
        let target = Target::parse(&gateway.url)?;
        let options = format!(
            "-c jit=off -c lock_timeout=1000 -c statement_timeout={}",
            within.as_millis()
        );
        let client = target
            .open(|config| {
                config
                    .application_name("postern console")
                    .options(options.as_str());
            })
            .await?;
        let trial = Self {
            client,
            statements: Statements::default(),
            config: gateway,
            gateway_role: None,
            relaxed: false,
        };
        trial.send("begin read only").await?;
        Ok(trial)
    }

    /// Whether triggers and foreign keys rest while rows are given, which takes a superuser.
    pub fn is_relaxed(&self) -> bool {
        self.relaxed
    }

    /// Runs a request as the gateway would; what it does stays until the next [`Trial::rewind`],
    /// and a refusal undoes the request alone.
    ///
    /// # Errors
    /// What Postgres refuses, unscrubbed: the audience is the policies' author.
    pub async fn run(&self, rewritten: &Rewritten, caller: &Caller<'_>) -> Result<Answer, Error> {
        self.send("savepoint postern_request").await?;
        let audience = author(rewritten.params());
        let ran = run::run_in_trial(TrialRun {
            client: &self.client,
            statements: &self.statements,
            config: &self.config,
            rewritten,
            caller,
        });
        let outcome = match ran.await {
            Ok(answer) => answer,
            Err(failure) => {
                self.send("rollback to savepoint postern_request").await?;
                Err(error::request(failure, audience))
            }
        };
        if outcome.is_ok() {
            // The function's role and settings end with the request, its rows do not.
            self.send("set local role none").await?;
        }
        outcome
    }

    /// The plan of a request's statement as JSON; nothing is run.
    ///
    /// # Errors
    /// What Postgres refuses; the transaction goes on.
    pub async fn explain(
        &self,
        rewritten: &Rewritten,
        caller: &Caller<'_>,
    ) -> Result<String, Error> {
        self.send("savepoint postern_plan").await?;
        let plan = run::plan_in_trial(TrialRun {
            client: &self.client,
            statements: &self.statements,
            config: &self.config,
            rewritten,
            caller,
        });
        let plan = plan.await;
        // The caller's settings end with the question, whatever came of it.
        self.send("rollback to savepoint postern_plan").await?;
        match plan {
            Ok(answer) => Ok(answer?.body.unwrap_or_default()),
            Err(failure) => Err(error::request(failure, author(rewritten.params()))),
        }
    }

    /// Runs a tool's statement and returns its text.
    ///
    /// # Errors
    /// What Postgres refuses; the transaction goes on.
    pub async fn ask(&self, statement: &ToolStatement) -> Result<String, Error> {
        self.send("savepoint postern_tool").await?;
        let answer = run::text_in_trial(
            &self.client,
            &self.statements,
            statement.sql(),
            statement.params(),
        );
        match answer.await {
            Ok(text) => Ok(text.unwrap_or_default()),
            Err(failure) => {
                self.send("rollback to savepoint postern_tool").await?;
                Err(error::request(failure, author(statement.params())))
            }
        }
    }

    /// Runs tool statements with the rights of whoever owns the data, triggers and foreign keys
    /// at rest where that login may say so.
    ///
    /// # Errors
    /// The first refusal, by the number of its statement.
    pub async fn give(&self, statements: &[ToolStatement]) -> Result<(), (usize, Error)> {
        let outside = |error| (0, error);
        self.as_owner().await.map_err(outside)?;
        for (index, statement) in statements.iter().enumerate() {
            self.ask(statement).await.map_err(|error| (index, error))?;
        }
        self.as_gateway().await.map_err(outside)
    }

    /// Marks the place that [`Trial::rewind`] goes back to.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn mark(&self) -> Result<(), Error> {
        self.send("savepoint postern_mark").await
    }

    /// Undoes everything since the mark, which stays.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn rewind(&self) -> Result<(), Error> {
        self.send("rollback to savepoint postern_mark").await
    }

    /// Rolls everything back.
    ///
    /// # Errors
    /// When the connection is lost, which rolls back as well.
    pub async fn end(self) -> Result<(), Error> {
        self.send("rollback").await
    }

    async fn try_to_relax(&self) -> Result<bool, Error> {
        self.send("savepoint postern_relax").await?;
        let rest = "set local session_replication_role = replica";
        if self.client.batch_execute(rest).await.is_ok() {
            return Ok(true);
        }
        self.send("rollback to savepoint postern_relax").await?;
        Ok(false)
    }

    async fn as_owner(&self) -> Result<(), Error> {
        if self.gateway_role.is_some() {
            self.send("reset session authorization").await?;
        }
        if self.relaxed {
            self.send("set local session_replication_role = replica")
                .await?;
        }
        Ok(())
    }

    async fn as_gateway(&self) -> Result<(), Error> {
        if self.relaxed {
            self.send("set local session_replication_role = origin")
                .await?;
        }
        if let Some(role) = &self.gateway_role {
            let set = format!("set local session authorization {}", quote_identifier(role));
            self.send(&set).await?;
        }
        Ok(())
    }

    async fn send(&self, sql: &str) -> Result<(), Error> {
        let sent = self.client.batch_execute(sql).await;
        sent.map_err(error::internal)
    }
}

fn author(params: &[postern_query::Param]) -> Audience<'_> {
    Audience {
        service: true,
        anonymous: false,
        params,
    }
}
