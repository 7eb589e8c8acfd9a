//! `postern users import` and `postern users export`.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Subcommand, ValueEnum};
use postern_auth::export::Hashes;
use postern_auth::import::{Event, FileKind, HashConfig, Mode, Records, Source};
use postern_server::Desk;

use crate::output;

/// Bring users over from another system, or take them along to one.
#[derive(clap::Args)]
pub(crate) struct Users {
    #[command(subcommand)]
    command: UsersCommand,
}

#[derive(Subcommand)]
enum UsersCommand {
    Import(Import),
    Export(Export),
}

/// Import an export, password hashes included; it can be run again, and tells of each record
/// that it cannot take.
#[derive(clap::Args)]
struct Import {
    /// Where the export comes from.
    #[arg(long, value_enum)]
    from: From,
    /// The export: JSON, a JSON object a line, or CSV (by the name `.csv`, Supabase only).
    file: PathBuf,
    /// Firebase: a file with the hash parameters as the console shows them.
    #[arg(long)]
    hash_config: Option<PathBuf>,
    /// Bring users who are there already up to the file; their passwords stay.
    #[arg(long, conflicts_with = "dry_run")]
    update: bool,
    /// Try everything and keep nothing.
    #[arg(long)]
    dry_run: bool,
    /// The project folder.
    #[arg(long, default_value = ".")]
    dir: PathBuf,
}

/// Write all users to a file that `users import --from supabase` reads: a JSON object a line.
/// Sessions, second factors and passkeys stay.
#[derive(clap::Args)]
struct Export {
    /// A new file, which only its owner may read; standard output when absent.
    file: Option<PathBuf>,
    /// Write password hashes, too. Whoever has the file can try passwords on them.
    #[arg(long)]
    hashes: bool,
    /// The project folder.
    #[arg(long, default_value = ".")]
    dir: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum From {
    /// Rows of `auth.users`, with their identities in a field of their own or without.
    Supabase,
    /// Rows of `auth.identities`, after the users.
    SupabaseIdentities,
    /// A bulk export of users.
    Auth0,
    /// The output of `firebase auth:export`.
    Firebase,
}

impl Users {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self.command {
            UsersCommand::Import(import) => import.run().await,
            UsersCommand::Export(export) => export.run().await,
        }
    }
}

impl Export {
    async fn run(self) -> anyhow::Result<()> {
        let exporter = Desk::open(&self.dir).await?.exporter();
        let hashes = match self.hashes {
            true => Hashes::Included,
            false => Hashes::LeftOut,
        };
        let mut file: Box<dyn Write + Send> = match &self.file {
            Some(path) => Box::new(BufWriter::new(new_file(path)?)),
            None => Box::new(BufWriter::new(io::stdout())),
        };
        let mut tell = |count| output::progress(format_args!("{count} written"));
        let count = exporter.run(hashes, &mut file, &mut tell).await?;
        output::end_progress();
        output::notice(format_args!("{count} users written"));
        Ok(())
    }
}

/// Never an old file: it might be readable by others.
fn new_file(path: &Path) -> anyhow::Result<File> {
    File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot make `{}`", path.display()))
}

impl Import {
    async fn run(self) -> anyhow::Result<()> {
        let file = File::open(&self.file)
            .with_context(|| format!("cannot read `{}`", self.file.display()))?;
        let records = Records::new(BufReader::new(file), self.kind())?;
        let source = self.source()?;
        let mode = match (self.dry_run, self.update) {
            (true, _) => Mode::DryRun,
            (false, true) => Mode::Update,
            (false, false) => Mode::Add,
        };
        let importer = Desk::open(&self.dir).await?.importer();
        let report = importer.run(records, &source, mode, &mut tell).await?;
        output::end_progress();
        output::line(format_args!(
            "{}{} read: {} created, {} updated, {} unchanged, {} rejected",
            if self.dry_run { "dry run: " } else { "" },
            report.read,
            report.created,
            report.updated,
            report.unchanged,
            report.rejected
        ));
        let rejected = report.rejected;
        anyhow::ensure!(rejected == 0, "{rejected} records were not taken");
        Ok(())
    }

    fn kind(&self) -> FileKind {
        let is_csv = self.file.extension().is_some_and(|it| it == "csv");
        match self.from {
            From::Firebase => FileKind::WrappedJson,
            _ if is_csv => FileKind::Csv,
            _ => FileKind::Json,
        }
    }

    fn source(&self) -> anyhow::Result<Source> {
        Ok(match self.from {
            From::Supabase => Source::Supabase,
            From::SupabaseIdentities => Source::SupabaseIdentities,
            From::Auth0 => Source::Auth0,
            From::Firebase => Source::Firebase(match &self.hash_config {
                Some(path) => {
                    let text = std::fs::read_to_string(path)
                        .with_context(|| format!("cannot read `{}`", path.display()))?;
                    Some(HashConfig::parse(&text).map_err(anyhow::Error::msg)?)
                }
                None => None,
            }),
        })
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the importer hands its events over"
)]
fn tell(event: Event<'_>) {
    match event {
        Event::Progress(report) => output::progress(format_args!(
            "{} read, {} created, {} rejected",
            report.read, report.created, report.rejected
        )),
        Event::Rejected(place, reason) => {
            output::end_progress();
            output::notice(format_args!(
                "record {} (line {}): {reason}",
                place.number, place.line
            ));
        }
    }
}
