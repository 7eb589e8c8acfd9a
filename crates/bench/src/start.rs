//! From `postern serve` to the first answer, on databases of many tables.
//!
//! `--only start` runs this part alone.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::arguments::Arguments;
use crate::connection::Connection;
use crate::process;
use crate::seed::SeededDatabase;
use crate::servers::Server;
use crate::tokens::Tokens;

/// How many tables the databases have.
const TABLES: [usize; 2] = [100, 2000];
/// How often each database is started on; the median counts.
const STARTS: usize = 5;
/// How often a gateway that is not up yet is asked.
const PAUSE: Duration = Duration::from_millis(2);
/// How long a gateway may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What starts cost.
pub(crate) struct StartReport(Vec<Start>);

struct Start {
    tables: usize,
    first_answer_ms: f64,
    at_rest_mb: f64,
}

/// Measures starts on each of the databases.
pub(crate) async fn measure(
    arguments: &Arguments,
    database: &SeededDatabase,
    tokens: &Tokens,
) -> Result<StartReport> {
    let mut report = Vec::with_capacity(TABLES.len());
    for tables in TABLES {
        println!("starting on {tables} tables");
        let url = database.with_tables(tables).await?;
        let project = Project::write(tables)?;
        let mut times = Vec::with_capacity(STARTS);
        let mut at_rest_mb = 0.0;
        for _ in 0..STARTS {
            let started = Instant::now();
            let gateway = Server::gateway_of(&arguments.gateway, &project.0, &url)?;
            first_answer(&gateway, tokens, started).await?;
            times.push(started.elapsed().as_secs_f64() * 1000.0);
            at_rest_mb = process::memory_mb(gateway.pid())?;
        }
        times.sort_by(f64::total_cmp);
        report.push(Start {
            tables,
            first_answer_ms: times[STARTS / 2],
            at_rest_mb,
        });
    }
    Ok(StartReport(report))
}

/// Asks for a row as a user until there is an answer.
async fn first_answer(gateway: &Server, tokens: &Tokens, started: Instant) -> Result<()> {
    let request = format!(
        "GET /rest/v1/table_1?select=id&id=eq.1 HTTP/1.1\r\nHost: bench\r\n\
         Authorization: Bearer {}\r\n\r\n",
        tokens.of(0)
    );
    while started.elapsed() < PATIENCE {
        let Ok(mut connection) = Connection::open(gateway.port).await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let answer = connection.exchange(request.as_bytes()).await?;
        let body = String::from_utf8_lossy(answer.body);
        ensure!(answer.status == 200, "{} {body}", answer.status);
        return Ok(());
    }
    anyhow::bail!("no answer within {PATIENCE:?}")
}

/// A folder with a policy file for each table; removed in the end.
pub(crate) struct Project(pub(crate) PathBuf);

impl Project {
    pub(crate) fn write(tables: usize) -> Result<Self> {
        let name = format!("postern-bench-project-{}-{tables}", std::process::id());
        let project = Self(std::env::temp_dir().join(name));
        let policies = project.0.join("policies");
        fs::create_dir_all(&policies)
            .with_context(|| format!("cannot make {}", policies.display()))?;
        fs::write(project.0.join("postern.toml"), "[log]\nlevel = \"warn\"\n")?;
        for table in 1..=tables {
            write_policy(&policies, table)?;
        }
        Ok(project)
    }
}

fn write_policy(folder: &Path, table: usize) -> Result<()> {
    let text = format!(
        "table = \"public.table_{table}\"\n\n[columns.authenticated]\n\
         select = [\"id\", \"owner_id\", \"title\"]\n\n[[allow]]\nname = \"own rows\"\n\
         roles = [\"authenticated\"]\nfor = [\"select\"]\nwhere = \"owner_id = auth.uid()\"\n"
    );
    fs::write(folder.join(format!("public.table_{table}.toml")), text)?;
    Ok(())
}

impl Drop for Project {
    fn drop(&mut self) {
        // A folder left behind in the temporary one harms nobody.
        fs::remove_dir_all(&self.0).ok();
    }
}

impl fmt::Display for StartReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "### Starting\n")?;
        writeln!(
            f,
            "| tables, each with a policy file | first answer, ms (median of {STARTS}) | memory, MB |\n\
             |---|---|---|"
        )?;
        for start in &self.0 {
            let (tables, first, memory) = (start.tables, start.first_answer_ms, start.at_rest_mb);
            writeln!(f, "| {tables} | {first:.0} | {memory:.0} |")?;
        }
        Ok(())
    }
}
