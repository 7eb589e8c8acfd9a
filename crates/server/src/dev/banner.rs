//! What `postern dev` prints when everything runs: addresses, keys, and a snippet to paste.

use postern_base::{Identity, RelationName};
use postern_catalog::Relation;
use postern_db::managed::Login;
use postern_policy::Verb;
use postern_query::View;

use super::Dev;
use crate::project::ProjectError;
use crate::reload::Snapshot;

/// Most columns that the snippet asks for.
const SNIPPET_COLUMNS_MAX: usize = 4;

impl Dev {
    /// The API's address as a client on this machine writes it.
    pub fn api_url(&self) -> String {
        let address = self.gateway.address();
        if address.ip().is_unspecified() {
            format!("http://127.0.0.1:{}", address.port())
        } else {
            format!("http://{address}")
        }
    }

    /// Addresses, keys and a snippet.
    ///
    /// # Errors
    /// Returns an error when the legacy keys cannot be signed.
    pub fn banner(&self) -> Result<String, ProjectError> {
        let name = self.project.root().file_name().unwrap_or_default();
        let mut rows = vec![
            ("API", self.api_url()),
            ("Database", self.cluster.url(Login::Owner).expose().clone()),
            ("Publishable key", self.publishable_key()),
            ("Secret key", self.secret_key()),
            ("anon key", self.keys.legacy_anon()?),
            (
                "service_role key",
                self.keys.legacy_service()?.expose().clone(),
            ),
        ];
        if self.config.people.mail.is_dev() {
            rows.push(("Mailbox", format!("{}/_dev/mailbox", self.api_url())));
        }
        if self.gateway.has_console() {
            let path = self.gateway.setup_path();
            let label = path.map_or("Console", |_| "Console set-up");
            let path = path.unwrap_or("/console");
            rows.push((label, format!("{}{path}", self.api_url())));
        }
        rows.extend(self.demo.rows());
        let mut text = format!("\n  Postern serves {}\n\n", name.to_string_lossy());
        for (label, value) in rows {
            text.push_str(&format!("  {label:<17} {value}\n"));
        }
        text.push_str(
            "\n  Save as try.mjs, then: npm install @supabase/supabase-js && node try.mjs\n\n",
        );
        for line in self.snippet().lines() {
            text.push_str(&format!("    {line}\n"));
        }
        text.push_str("\n  Watching migrations and policies. Ctrl-C stops.\n");
        Ok(text)
    }

    /// A module that works when pasted.
    fn snippet(&self) -> String {
        let (url, key) = (self.api_url(), self.publishable_key());
        let query = query(&self.gateway.snapshot(), &self.config.api.schemas);
        format!(
            "import {{ createClient }} from '@supabase/supabase-js'\n\n\
             // Node before 22 has no WebSocket, which the client asks for at its start.\n\
             globalThis.WebSocket ??= class {{}}\n\n\
             const supabase = createClient('{url}', '{key}')\n{query}"
        )
    }

    fn publishable_key(&self) -> String {
        let keys = &self.config.keys.publishable;
        keys.first().unwrap_or(&self.keys.publishable).clone()
    }

    fn secret_key(&self) -> String {
        let keys = &self.config.keys.secret;
        keys.first().unwrap_or(&self.keys.secret).expose().clone()
    }
}

/// A query on the first table that a visitor can read.
fn query(snapshot: &Snapshot, schemas: &[String]) -> String {
    let visitor = Identity::anonymous();
    let found = View::new(&snapshot.catalog, &snapshot.bundle, &visitor)
        .ok()
        .and_then(|view| first_readable(&view, schemas));
    let Some((relation, columns)) = found else {
        return "// No table can be read without signing in: write a policy for the role `anon`,\n\
                // or sign requests with `postern token --sub UUID`.\n\
                const { data, error } = await supabase.from('notes').select().limit(5)\n\
                console.log(error ?? data)\n"
            .into();
    };
    let schema = if schemas.first() == Some(&relation.schema) {
        String::new()
    } else {
        format!(".schema('{}')", relation.schema)
    };
    format!(
        "const {{ data, error }} = await supabase{schema}.from('{}').select('{columns}').limit(5)\n\
         console.log(error ?? data)\n",
        relation.name
    )
}

fn first_readable(view: &View<'_>, schemas: &[String]) -> Option<(RelationName, String)> {
    // Names that would need quoting make no good first example.
    let plain = |name: &str| {
        name.chars()
            .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_')
    };
    let readable = |relation: &Relation| {
        let columns: Vec<_> = view
            .columns(relation, Verb::Select)
            .into_iter()
            .filter(|column| plain(column))
            .take(SNIPPET_COLUMNS_MAX)
            .map(String::from)
            .collect();
        (plain(&relation.name.name) && !columns.is_empty())
            .then(|| (relation.name.clone(), columns.join(", ")))
    };
    schemas
        .iter()
        .find_map(|schema| view.relations(schema).find_map(readable))
}
