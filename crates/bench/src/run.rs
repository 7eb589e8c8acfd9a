//! One run: seed, start, take turns, write down.

use anyhow::{Context, Result, ensure};

use crate::arguments::Arguments;
use crate::connection::Connection;
use crate::console;
use crate::load::{self, Outcome};
use crate::native;
use crate::operation::{BUSY_PEOPLE, Operation};
use crate::people;
use crate::process;
use crate::report::{Cell, Report, Row};
use crate::seed::SeededDatabase;
use crate::servers::Server;
use crate::start;
use crate::tokens::Tokens;

/// Measures every operation on both servers in turn and reports.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    // One thread: the generator must not take more of the machine than it needs.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(measure(arguments))
}

async fn measure(arguments: &Arguments) -> Result<()> {
    let database = SeededDatabase::start().await?;
    let tokens = Tokens::sign(BUSY_PEOPLE)?;
    let mut report = Report::new(arguments, database.version().await?);
    if !arguments.operations.is_empty() {
        measure_operations(arguments, &database, &tokens, &mut report).await?;
    }
    if arguments.people {
        report.people = Some(people::measure(arguments, &database, &tokens).await?);
    }
    if arguments.native {
        // Behind the others: it changes what they are measured on.
        report.native = native::measure(arguments, &database, &tokens).await?;
    }
    if arguments.starts {
        report.starts = Some(start::measure(arguments, &database, &tokens).await?);
    }
    if arguments.console {
        report.console = Some(console::measure(arguments, &database, &tokens).await?);
    }
    database.stop().await?;
    println!("\n{report}");
    if arguments.record {
        report.record()?;
    }
    Ok(())
}

/// Measures the data API's operations on both servers in turn.
async fn measure_operations(
    arguments: &Arguments,
    database: &SeededDatabase,
    tokens: &Tokens,
    report: &mut Report,
) -> Result<()> {
    let url = database.gateway_url();
    let floor = Server::floor(&url).await?;
    let gateway = Server::gateway(&arguments.gateway, &url).await?;
    let servers = [&floor, &gateway];
    report.at_rest_mb = [
        process::memory_mb(floor.pid())?,
        process::memory_mb(gateway.pid())?,
    ];
    let operations = &arguments.operations;
    report.rows = measure_pair(arguments, database, tokens, (servers, operations)).await?;
    report.loaded_mb = [
        process::memory_mb(floor.pid())?,
        process::memory_mb(gateway.pid())?,
    ];
    Ok(())
}

/// Measures operations on two servers in turn.
pub(crate) async fn measure_pair(
    arguments: &Arguments,
    database: &SeededDatabase,
    tokens: &Tokens,
    (servers, operations): ([&Server; 2], &[Operation]),
) -> Result<Vec<Row>> {
    for operation in Operation::ALL {
        check_equal(operation, tokens, servers).await?;
    }
    let mut rows = Vec::new();
    for operation in operations.iter().copied() {
        let mut cells = [Cell::default(), Cell::default()];
        for _ in 0..arguments.rounds {
            for (server, cell) in servers.into_iter().zip(&mut cells) {
                database.settle().await?;
                measure_cell(operation, tokens, server, database, arguments, cell).await?;
            }
        }
        let [floor, postern] = cells.map(Cell::finished);
        let row = Row {
            operation,
            floor,
            postern,
        };
        println!("{row}");
        rows.push(row);
    }
    Ok(rows)
}

async fn measure_cell(
    operation: Operation,
    tokens: &Tokens,
    server: &Server,
    database: &SeededDatabase,
    arguments: &Arguments,
    cell: &mut Cell,
) -> Result<()> {
    let (pid, postmaster) = (server.pid(), database.postmaster()?);
    let mut snapshots = Vec::with_capacity(2);
    let around = || {
        snapshots.push((
            process::cpu_secs(pid)?,
            process::family_cpu_secs(postmaster)?,
        ));
        Ok(())
    };
    let requests = operation.requests(tokens);
    let outcome: Outcome = load::run(server.port, requests, arguments.cell, around)
        .await
        .with_context(|| format!("{} on the {}", operation.name(), server.name))?;
    println!(
        "  {}, {}: {:.0}/s",
        operation.name(),
        server.name,
        outcome.per_second()
    );
    if let [before, after] = snapshots[..] {
        cell.server_cpu_secs += after.0 - before.0;
        cell.postgres_cpu_secs += after.1 - before.1;
    }
    cell.outcome.add(outcome);
    Ok(())
}

/// Both servers must give the same bodies, or the comparison would mean nothing.
async fn check_equal(operation: Operation, tokens: &Tokens, servers: [&Server; 2]) -> Result<()> {
    let requests = operation.requests(tokens);
    let first = &requests[3][..5];
    let mut bodies: Vec<Vec<String>> = Vec::new();
    for server in servers {
        let mut connection = Connection::open(server.port).await?;
        let mut answers = Vec::new();
        for request in first {
            let answer = connection.exchange(request).await?;
            let body = String::from_utf8_lossy(answer.body).into_owned();
            ensure!(
                matches!(answer.status, 200 | 201),
                "{} on the {}: {} {body}",
                operation.name(),
                server.name,
                answer.status
            );
            answers.push(body);
        }
        bodies.push(answers);
    }
    ensure!(
        bodies[0] == bodies[1],
        "{}: the servers differ:\n{:?}\n{:?}",
        operation.name(),
        bodies[0],
        bodies[1]
    );
    Ok(())
}
