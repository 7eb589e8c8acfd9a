//! `postern policy diff`.

use std::path::PathBuf;

use anyhow::bail;
use clap::ValueEnum;
use postern_policy::Stand;
use postern_server::policies::{CompareOptions, Workbench};

use crate::output;

#[derive(clap::Args)]
pub(crate) struct Diff {
    /// The old policy files: a folder, `live` (what the server serves), or a bundle's hash.
    old: String,
    /// The new ones.
    new: String,
    /// Count the rows that these callers see before and after: `anon`, `authenticated:SUB`.
    #[arg(long, value_name = "ROLE[:SUB]", num_args = 1..)]
    data: Vec<String>,
    /// Fail when something is so; for CI.
    #[arg(long, value_delimiter = ',')]
    fail_on: Vec<FailOn>,
    /// Print the comparison as JSON.
    #[arg(long)]
    json: bool,
    /// The project folder, whose database has the schema.
    #[arg(long, default_value = ".")]
    pub(super) dir: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Widened,
    Narrowed,
    Undecided,
}

impl FailOn {
    fn stand(self) -> Stand {
        match self {
            Self::Widened => Stand::Widened,
            Self::Narrowed => Stand::Narrowed,
            Self::Undecided => Stand::Undecided,
        }
    }
}

impl Diff {
    pub(super) async fn run(self, workbench: &Workbench) -> anyhow::Result<()> {
        let options = CompareOptions {
            old: self.old,
            new: self.new,
            callers: self.data,
        };
        let compared = workbench.compare(&options).await;
        let compared = compared.inspect_err(super::print_findings)?;
        if self.json {
            output::line(compared.to_json());
        } else {
            output::line(&compared);
        }
        for fail_on in self.fail_on {
            let stand = fail_on.stand();
            if compared.counted(stand) > 0 {
                bail!("something is {}", stand.as_str());
            }
        }
        Ok(())
    }
}
