//! A look at the database's own defences: the login, owners, grants, row-level security.
//!
//! `postern doctor` judges what is found here, `postern policy import` writes it as policy files.
//! It is read in one transaction with an empty search path, so that every expression comes out
//! with its names in full.

use postern_base::RelationName;
use tokio_postgres::{Client, Row};

use crate::internal::Internal;
use crate::{Error, error};

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The login itself.
    pub login: LoginRole,
    /// The relations of the schemas.
    pub relations: Vec<Defence>,
    /// What was given to whom.
    pub grants: Vec<Granted>,
    /// The policies.
    pub policies: Vec<RowPolicy>,
}

/// The role that the gateway signs in as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoginRole {
    /// Its name.
    pub name: String,
    /// Whether it is a superuser.
    pub superuser: bool,
    /// Whether row-level security does not apply to it.
    pub bypass_rls: bool,
}

/// How a relation is defended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defence {
    /// The relation.
    pub name: RelationName,
    /// Whether it is a table, partitioned or not.
    pub is_table: bool,
    /// Whether it is a view.
    pub is_view: bool,
    /// Who owns it.
    pub owner: String,
    /// Whether the login has its owner's rights.
    pub owned_by_login: bool,
    /// `ENABLE ROW LEVEL SECURITY`
    pub rls: bool,
    /// `FORCE ROW LEVEL SECURITY`
    pub forced: bool,
}

/// A right on a relation or on one of its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The relation.
    pub relation: RelationName,
    /// Who has it; `public` is everybody.
    pub role: String,
    /// `select`, `insert`, `update` or `delete`.
    pub verb: String,
    /// The column; none is the whole relation.
    pub column: Option<String>,
}

/// A policy as `CREATE POLICY` made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowPolicy {
    /// Whose rows it is about.
    pub relation: RelationName,
    /// Its name.
    pub name: String,
    /// Whether it is permissive; else it is restrictive.
    pub permissive: bool,
    /// `select`, `insert`, `update`, `delete`, or `all`.
    pub command: &'static str,
    /// To whom it applies; `public` is everybody.
    pub roles: Vec<String>,
    /// `USING`
    pub using: Option<String>,
    /// `WITH CHECK`
    pub check: Option<String>,
    /// The columns of its own table that it reads.
    pub columns: Vec<String>,
}

/// Reads all of it.
pub(crate) async fn read(client: &Client, schemas: &[&str]) -> Result<Survey, Error> {
    let begin = "begin isolation level repeatable read read only; set local search_path = ''";
    client.batch_execute(begin).await.map_err(error::internal)?;
    let survey = read_all(client, schemas).await;
    let ended = client.batch_execute("rollback").await;
    ended.map_err(error::internal)?;
    survey
}

async fn read_all(client: &Client, schemas: &[&str]) -> Result<Survey, Error> {
    let login = client.query_one(Internal::SurveyLogin.sql(), &[]).await;
    let login = login.map_err(error::internal)?;
    let schemas = schemas.to_vec();
    let ask = async |statement: Internal| {
        let rows = client.query(statement.sql(), &[&schemas]).await;
        rows.map_err(error::internal)
    };
    Ok(Survey {
        login: LoginRole {
            name: get(&login, 0)?,
            superuser: get(&login, 1)?,
            bypass_rls: get(&login, 2)?,
        },
        relations: each(&ask(Internal::SurveyRelations).await?, defence)?,
        grants: each(&ask(Internal::SurveyGrants).await?, granted)?,
        policies: each(&ask(Internal::SurveyPolicies).await?, policy)?,
    })
}

fn each<T>(rows: &[Row], read: impl Fn(&Row) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    rows.iter().map(read).collect()
}

fn get<'a, T: tokio_postgres::types::FromSql<'a>>(row: &'a Row, index: usize) -> Result<T, Error> {
    row.try_get(index).map_err(Error::Internal)
}

fn relation(row: &Row) -> Result<RelationName, Error> {
    Ok(RelationName::new(
        get::<&str>(row, 0)?,
        get::<&str>(row, 1)?,
    ))
}

fn defence(row: &Row) -> Result<Defence, Error> {
    let kind: &str = get(row, 2)?;
    Ok(Defence {
        name: relation(row)?,
        is_table: matches!(kind, "r" | "p"),
        is_view: kind == "v",
        owner: get(row, 3)?,
        owned_by_login: get(row, 4)?,
        rls: get(row, 5)?,
        forced: get(row, 6)?,
    })
}

fn granted(row: &Row) -> Result<Granted, Error> {
    Ok(Granted {
        relation: relation(row)?,
        role: get(row, 2)?,
        verb: get(row, 3)?,
        column: get(row, 4)?,
    })
}

fn policy(row: &Row) -> Result<RowPolicy, Error> {
    Ok(RowPolicy {
        relation: relation(row)?,
        name: get(row, 2)?,
        permissive: get(row, 3)?,
        command: match get(row, 4)? {
            "r" => "select",
            "a" => "insert",
            "w" => "update",
            "d" => "delete",
            _ => "all",
        },
        roles: get(row, 5)?,
        using: get(row, 6)?,
        check: get(row, 7)?,
        columns: get(row, 8)?,
    })
}
