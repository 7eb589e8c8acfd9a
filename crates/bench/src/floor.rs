//! The floor: what a careful person would write by hand for exactly these operations.
//!
//! An actix-web handler that verifies the token, takes a connection out of a pool and sends the
//! same SQL that Postern sends. It knows neither policies nor catalogs at request time, so what
//! Postern adds is the difference between the two.

mod statement;

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use anyhow::{Context, Result};
use deadpool_postgres::{Client, Manager, ManagerConfig, Pool, RecyclingMethod};
use futures_util::future::join4;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;
use tokio_postgres::types::ToSql;
use tokio_postgres::{NoTls, Row};

use crate::operation::{EMBED, POINT};
use crate::servers::{FLOOR_DATABASE, FLOOR_PORT, FLOOR_ROLES};
use crate::tokens::SECRET;
use statement::{Bound, Decides, HandStatements, Statement};

/// Connections in the pool.
const POOL_SIZE: usize = 10;

/// Takes on the caller's role and claims until the end of the transaction.
const SET_ROLE: &str = "select set_config('role', 'authenticated', true), \
                        set_config('request.jwt.claims', $1, true)";

struct Floor {
    pool: Pool,
    statements: HandStatements,
    decides: Decides,
    key: DecodingKey,
    validation: Validation,
}

/// Serves until the process is ended.
pub(crate) fn serve() -> Result<()> {
    let port: u16 = std::env::var(FLOOR_PORT).context(FLOOR_PORT)?.parse()?;
    let database_url = std::env::var(FLOOR_DATABASE).context(FLOOR_DATABASE)?;
    actix_web::rt::System::new().block_on(async {
        let decides = match std::env::var_os(FLOOR_ROLES) {
            Some(_) => Decides::Database,
            None => Decides::Policies,
        };
        let statements = HandStatements::derive(&database_url, decides).await?;
        let manager = Manager::from_config(
            database_url.parse()?,
            NoTls,
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&["authenticated"]);
        let floor = Arc::new(Floor {
            pool: Pool::builder(manager).max_size(POOL_SIZE).build()?,
            statements,
            decides,
            key: DecodingKey::from_secret(SECRET.as_bytes()),
            validation,
        });
        HttpServer::new(move || {
            App::new()
                .app_data(web::Data::from(Arc::clone(&floor)))
                .route("/health/ready", web::get().to(HttpResponse::Ok))
                .route("/rest/v1/tasks", web::get().to(read))
                .route("/rest/v1/tasks", web::post().to(insert))
        })
        .bind(("127.0.0.1", port))?
        .run()
        .await?;
        Ok(())
    })
}

async fn read(request: HttpRequest, floor: web::Data<Floor>) -> HttpResponse {
    let query = request.query_string();
    let (statement, task) = match query.strip_prefix(POINT) {
        Some(task) => (&floor.statements.point, task),
        None if query == EMBED => (&floor.statements.embed, ""),
        None => (&floor.statements.list, ""),
    };
    match floor.answer(&request, statement, task, "").await {
        Ok(body) => HttpResponse::Ok()
            .content_type("application/json; charset=utf-8")
            .body(body),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

async fn insert(request: HttpRequest, body: String, floor: web::Data<Floor>) -> HttpResponse {
    match floor
        .answer(&request, &floor.statements.insert, "", &body)
        .await
    {
        Ok(_) => HttpResponse::Created().finish(),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

impl Floor {
    async fn answer(
        &self,
        request: &HttpRequest,
        statement: &Statement,
        task: &str,
        body: &str,
    ) -> Result<String> {
        let claims = self.claims(request)?;
        let subject = claims["sub"].as_str().context("no subject")?;
        let client = self.pool.get().await?;
        let prepared = client.prepare_cached(&statement.sql).await?;
        let values = Bound {
            subject,
            task,
            body,
        };
        let params = statement.params(&values);
        let params = statement::references(&params);
        let row = match self.decides {
            Decides::Policies => client.query_one(&prepared, &params).await?,
            Decides::Database => as_caller(&client, &prepared, &params, &claims).await?,
        };
        Ok(row.get::<_, Option<String>>(0).unwrap_or_default())
    }

    fn claims(&self, request: &HttpRequest) -> Result<Value> {
        let bearer = request
            .headers()
            .get(header::AUTHORIZATION)
            .context("no token")?;
        let token = bearer
            .to_str()?
            .strip_prefix("Bearer ")
            .context("no bearer")?;
        let verified = jsonwebtoken::decode::<Value>(token, &self.key, &self.validation)?;
        Ok(verified.claims)
    }
}

/// Runs the statement as the caller: transaction, role and claims travel with it.
async fn as_caller(
    client: &Client,
    prepared: &tokio_postgres::Statement,
    params: &[&(dyn ToSql + Sync)],
    claims: &Value,
) -> Result<Row> {
    let set = client.prepare_cached(SET_ROLE).await?;
    let claims = claims.to_string();
    let claims: [&(dyn ToSql + Sync); 1] = [&claims];
    let (begun, was_set, row, ended) = join4(
        client.batch_execute("begin"),
        client.query_one(&set, &claims),
        client.query_one(prepared, params),
        client.batch_execute("commit"),
    )
    .await;
    begun?;
    was_set?;
    let row = row?;
    ended?;
    Ok(row)
}
