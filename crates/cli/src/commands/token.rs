//! `postern token --sub UUID`.

use std::path::PathBuf;

use postern_server::{Project, project::TokenRequest};

use crate::output;

/// Print a user token that the project accepts.
#[derive(clap::Args)]
pub(crate) struct Token {
    /// Who the user is: the token's `sub`, a UUID for `auth.uid()` to work.
    #[arg(long)]
    sub: String,
    /// The token's `role`.
    #[arg(long, default_value = "authenticated")]
    role: String,
    /// The token's `email`.
    #[arg(long)]
    email: Option<String>,
    /// A further claim, such as `app_metadata={"role":"admin"}`; may be repeated.
    #[arg(long = "claim", value_name = "KEY=JSON")]
    claims: Vec<String>,
    /// How long it is good for: 90s, 15m, 1h, 7d.
    #[arg(long, default_value = "1h")]
    expires: String,
    /// The project folder.
    #[arg(long, default_value = ".")]
    dir: PathBuf,
}

impl Token {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let request = TokenRequest {
            sub: self.sub,
            role: self.role,
            email: self.email,
            claims: self.claims,
            expires: self.expires,
            audience: None,
        };
        output::line(Project::open(&self.dir)?.user_token(request)?);
        Ok(())
    }
}
