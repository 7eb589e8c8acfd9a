//! Signing in: beside the bare cost of a hash, beside the data API, and in equal time.
//!
//! `--only auth` runs this part alone.

mod drive;
mod hashing;
mod mail;
mod report;
mod requests;
mod storm;
mod timing;
mod verification;

use anyhow::{Context, Result, ensure};

use crate::arguments::Arguments;
use crate::connection::Connection;
use crate::load::Outcome;
use crate::seed::SeededDatabase;
use crate::servers::Server;
use crate::tokens::Tokens;
use mail::MailSink;
pub(crate) use report::PeopleReport;

/// People who have an account before anything is measured.
const PEOPLE: usize = 100;
/// Connections that sign in, or refresh, at the same time; fewer than may wait for a hash.
const CONNECTIONS: usize = 8;

/// Measures everything about signing in on a gateway of its own.
pub(crate) async fn measure(
    arguments: &Arguments,
    database: &SeededDatabase,
    tokens: &Tokens,
) -> Result<PeopleReport> {
    let mails = MailSink::start()?;
    let urls = [database.gateway_url(), database.auth_url()];
    let gateway = Server::gateway_with_people(&arguments.gateway, &urls, mails.port).await?;
    let port = gateway.port;
    sign_up(port, database).await?;
    let cell = arguments.cell;
    let slots = hashing::slots();
    println!("signing in, beside hashes on {slots} thread(s)");
    let bare = hashing::measure(slots, cell)?;
    let sign_in = drive::sign_ins(port, CONNECTIONS, cell).await?;
    let alone = drive::sign_ins(port, 1, cell).await?;
    println!("refreshes and tokens");
    let refresh = drive::refreshes(port, CONNECTIONS, cell).await?;
    let [fresh, cached] = verification::measure()?;
    println!("point reads alone and in a storm of sign-ins");
    database.settle().await?;
    let storm = storm::measure(port, tokens, cell).await?;
    println!("known and unknown accounts");
    let timing = timing::measure(port, arguments.samples).await?;
    drop(gateway);
    Ok(PeopleReport {
        slots,
        bare,
        sign_in,
        alone,
        refresh,
        fresh,
        cached,
        storm,
        timing,
    })
}

/// Makes the people; their addresses count as proved.
async fn sign_up(port: u16, database: &SeededDatabase) -> Result<()> {
    let mut connection = Connection::open(port).await?;
    for person in 0..PEOPLE {
        let request = requests::sign_up(&address(person));
        let answer = connection.exchange(&request).await?;
        let body = String::from_utf8_lossy(answer.body);
        ensure!(answer.status == 200, "sign-up: {} {body}", answer.status);
    }
    let confirm = "update auth.users set email_confirmed_at = created_at";
    database.run(confirm).await.context("cannot confirm people")
}

/// The address of one of the people.
fn address(person: usize) -> String {
    format!("person{}@example.com", person % PEOPLE)
}

/// Latencies as an outcome.
fn outcome(latencies_us: Vec<u32>, elapsed: std::time::Duration) -> Outcome {
    let mut outcome = Outcome::of(latencies_us, elapsed);
    outcome.finish();
    outcome
}
