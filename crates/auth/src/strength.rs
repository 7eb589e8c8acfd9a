//! Whether a new password may be one: rules, common ones, leaked ones.

use postern_base::Secret;
use postern_password::pwned::Lookup;
use postern_password::strength::{self, Weakness};
use serde_json::{Value, json};

use crate::identifier::Identifier;
use crate::settings::LeakedCheck;
use crate::{AuthService, Error, Result};

impl AuthService {
    /// Refuses a password that is too easy to guess or known to have leaked.
    ///
    /// # Errors
    /// [`WEAK_PASSWORD`](postern_base::codes::auth::WEAK_PASSWORD) with the reasons.
    pub(crate) async fn check_new_password(
        &self,
        password: &Secret<String>,
        account: &str,
    ) -> Result<()> {
        if password.expose().is_empty() {
            return Err(Error::invalid("Signup requires a valid password"));
        }
        let mut found = self.weaknesses(password, account).await?;
        if found.is_empty() {
            found.extend(self.leaked(password).await?);
        }
        match found.first() {
            None => Ok(()),
            Some(first) => Err(Error::weak_password(sentence(first), reasons(&found))),
        }
    }

    /// What a client is told whose password signs in but would not be accepted today.
    pub(crate) async fn weakness_note(
        &self,
        password: &Secret<String>,
        account: &Identifier,
    ) -> Option<Value> {
        // Without room for it there is no note: the password was right in any case.
        let found = self.weaknesses(password, account.as_str()).await.ok()?;
        let first = found.first()?;
        Some(json!({ "message": sentence(first), "reasons": reasons(&found) }))
    }

    /// SECURITY: not on a worker of the server: a long password takes as long as its hash.
    async fn weaknesses(&self, password: &Secret<String>, account: &str) -> Result<Vec<Weakness>> {
        let rules = self.settings.password.rules.clone();
        let context = [account.to_owned(), self.settings.site_name.clone()];
        let password = password.clone();
        let judge = move || {
            let context = context.each_ref().map(String::as_str);
            strength::check(&password, &rules, &context)
        };
        self.passwords.judge(judge).await
    }

    /// Asks the list of leaked passwords; it learns five characters of a hash and nothing else.
    async fn leaked(&self, password: &Secret<String>) -> Result<Option<Weakness>> {
        let (url, is_open) = match &self.settings.password.leaked_check {
            LeakedCheck::Off => return Ok(None),
            LeakedCheck::FailOpen { url } => (url, true),
            LeakedCheck::FailClosed { url } => (url, false),
        };
        let lookup = Lookup::of(password);
        let address = format!("{}/{}", url.trim_end_matches('/'), lookup.prefix());
        match self.outbound.get(&address).await {
            Ok(answer) if answer.status == 200 => {
                let body = String::from_utf8_lossy(&answer.body);
                Ok(lookup
                    .count_in(&body)
                    .map(|count| Weakness::Leaked { count }))
            }
            _ if is_open => {
                tracing::warn!("the list of leaked passwords did not answer; a password passed");
                Ok(None)
            }
            _ => Err(Error::internal(
                "The password could not be checked; try again later",
                "the list of leaked passwords did not answer",
            )),
        }
    }
}

fn reasons(found: &[Weakness]) -> Vec<String> {
    let mut reasons: Vec<String> = found.iter().map(|it| it.reason().to_owned()).collect();
    reasons.dedup();
    reasons
}

fn sentence(weakness: &Weakness) -> String {
    let text = weakness.to_string();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => text,
    }
}
