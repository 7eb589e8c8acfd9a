//! `postern policy explain`.

use std::path::PathBuf;

use anyhow::bail;
use postern_server::policies::{Question, RowQuestion, Workbench};
use postern_server::reload::Snapshot;

use crate::output;

#[derive(clap::Args)]
pub(crate) struct Explain {
    /// The request, such as "GET /rest/v1/notes?select=id"; with --why the row: `id=42`.
    #[arg(required_unless_present = "why")]
    what: Vec<String>,
    /// Tell what each rule and condition is for a row of this table.
    #[arg(long, value_name = "TABLE")]
    why: Option<String>,
    /// With --why: the verb that is asked about.
    #[arg(long, default_value = "select", requires = "why")]
    verb: String,
    /// With --why: print the answer as JSON.
    #[arg(long, requires = "why")]
    json: bool,
    /// The token's role: anon, authenticated, `service_role`, or one of the policy files.
    #[arg(long = "as", default_value = "anon")]
    role: String,
    /// The token's `sub`.
    #[arg(long)]
    sub: Option<String>,
    /// Further claims, as a JSON object.
    #[arg(long)]
    claims: Option<String>,
    /// The request's body; with --why the new row, or what an update assigns.
    #[arg(long)]
    body: Option<String>,
    /// The request's Prefer header.
    #[arg(long)]
    prefer: Option<String>,
    /// The project folder.
    #[arg(long, default_value = ".")]
    pub(super) dir: PathBuf,
}

impl Explain {
    pub(super) async fn run(mut self, workbench: &Workbench) -> anyhow::Result<()> {
        let snapshot = super::load(workbench).await?.snapshot;
        if let Some(table) = self.why.take() {
            return self.why(table, workbench, &snapshot).await;
        }
        let [request] = self.what.as_slice() else {
            bail!("one request is explained at a time; put it into quotes");
        };
        let question = Question {
            request: request.clone(),
            role: self.role,
            sub: self.sub,
            claims: self.claims,
            body: self.body,
            prefer: self.prefer,
        };
        output::line(workbench.explain(&question, &snapshot)?);
        Ok(())
    }

    async fn why(
        self,
        table: String,
        workbench: &Workbench,
        snapshot: &Snapshot,
    ) -> anyhow::Result<()> {
        let question = RowQuestion {
            role: self.role,
            sub: self.sub,
            claims: self.claims,
            table,
            key: self.what,
            verb: self.verb,
            values: self.body,
        };
        let why = workbench.why(&question, snapshot).await?;
        if self.json {
            output::line(why.to_json());
        } else {
            output::line(why);
        }
        Ok(())
    }
}
