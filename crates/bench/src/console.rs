//! The console's pages on a project that has grown: 100,000 users, a table of 100,000 rows and one
//! of 1,000,000, 500 tables, 100,000 entries of the audit log.
//!
//! One request after the other, as one admin sends them. `--only console` runs this part alone.

mod pages;
mod report;

use std::time::Instant;

use anyhow::{Context, Result, ensure};

use self::pages::{PAGES, Page};
pub(crate) use self::report::ConsoleReport;
use self::report::Row;
use crate::arguments::Arguments;
use crate::connection::Connection;
use crate::load::Outcome;
use crate::seed::{self, SeededDatabase};
use crate::servers::Server;
use crate::start::Project;
use crate::tokens::Tokens;

const SEED: &str = include_str!("../project/console.sql");
/// How many tables there are beside the two large ones.
const TABLES: usize = 500;
/// How many of them a policy file speaks of.
const POLICIES: usize = 100;
/// How many requests stand in the log: as many as it keeps.
const REQUESTS: usize = 10_000;
const OWNER: &str = "owner@example.com";
const PASSWORD: &str = "correct-horse-battery-staple";

/// Measures each page.
pub(crate) async fn measure(
    arguments: &Arguments,
    database: &SeededDatabase,
    tokens: &Tokens,
) -> Result<ConsoleReport> {
    println!("filling {TABLES} tables, 100,000 users, 100,000 entries of the audit log");
    let project = Project::write(POLICIES)?;
    database.run(&seed::tables(TABLES)).await?;
    let urls = [database.gateway_url(), database.auth_url()];
    let owner = (OWNER, PASSWORD);
    let gateway =
        Server::gateway_with_console(&arguments.gateway, &project.0, &urls, owner).await?;
    database.run(SEED).await?;
    database.settle().await?;
    fill_log(gateway.port, tokens).await?;
    let cookie = sign_in(gateway.port).await?;
    let mut rows = Vec::new();
    for page in PAGES {
        let row = measure_page(gateway.port, &cookie, page, arguments.samples / 4).await?;
        println!("{row}");
        rows.push(row);
    }
    Ok(ConsoleReport(rows))
}

/// Asks the data API until the log of requests is full.
async fn fill_log(port: u16, tokens: &Tokens) -> Result<()> {
    let mut connection = Connection::open(port).await?;
    for number in 0..REQUESTS {
        let request = format!(
            "GET /rest/v1/table_{}?select=id&limit=1 HTTP/1.1\r\nHost: bench\r\n\
             Authorization: Bearer {}\r\n\r\n",
            1 + number % POLICIES,
            tokens.of(number % 100)
        );
        let answer = connection.exchange(request.as_bytes()).await?;
        ensure!(answer.status == 200, "the data API: {}", answer.status);
    }
    Ok(())
}

/// Signs the owner in; the answer is their cookie.
async fn sign_in(port: u16) -> Result<String> {
    let body = format!("email={}&password={PASSWORD}", OWNER.replace('@', "%40"));
    let request = format!(
        "POST /console/login HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\
         Origin: http://127.0.0.1:{port}\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut connection = Connection::open(port).await?;
    let answer = connection.exchange(request.as_bytes()).await?;
    let head = answer.head;
    let cookie = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_cookie = name.eq_ignore_ascii_case("set-cookie");
        is_cookie.then(|| {
            value
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned()
        })
    });
    cookie.with_context(|| format!("no cookie at sign-in: {head}"))
}

async fn measure_page(port: u16, cookie: &str, page: &Page, samples: usize) -> Result<Row> {
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\
         Sec-Fetch-Site: same-origin\r\n\r\n",
        page.path
    );
    let mut connection = Connection::open(port).await?;
    let mut latencies_us = Vec::with_capacity(samples);
    let (mut first_us, mut bytes) = (0, 0);
    for sample in 0..=samples.max(10) {
        let sent = Instant::now();
        let answer = connection.exchange(request.as_bytes()).await?;
        let took = u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX);
        ensure!(
            answer.status == 200,
            "{}: status {}",
            page.path,
            answer.status
        );
        bytes = answer.body.len();
        if sample == 0 {
            first_us = took;
            let text = String::from_utf8_lossy(answer.body);
            ensure!(
                text.contains(page.holds),
                "{} lacks {}",
                page.path,
                page.holds
            );
        } else {
            latencies_us.push(took);
        }
    }
    let mut outcome = Outcome::of(latencies_us, std::time::Duration::from_secs(1));
    outcome.finish();
    Ok(Row {
        name: page.name,
        first_ms: f64::from(first_us) / 1000.0,
        outcome,
        bytes,
    })
}
