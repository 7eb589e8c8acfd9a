//! Seeing what a user sees: a token of the user, shown once, with lines that use it.

use actix_web::http::StatusCode;
use askama::Template;
use time::OffsetDateTime;

use super::{Told, telling};
use crate::answer::{Answer, page};
use crate::chrome::{Chrome, Spot};
use crate::failure::sentence;
use crate::place::{People, Place};
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "user/borrowed.html")]
struct Page {
    chrome: Chrome,
    user: String,
    token: String,
    ends_at: OffsetDateTime,
    curl: String,
    script: String,
    session: String,
    end: People,
    back: Place,
}

/// `POST /console/users/{id}/impersonate`: the token is in this one answer and nowhere else.
pub(crate) async fn borrow(visit: &Visit) -> Answer {
    let id = visit.id()?;
    let auth = &visit.console.auth;
    let reason = visit.form.text("reason");
    let wish = (visit.session()?, reason);
    let borrowed = match auth.impersonate(id, wish, &visit.context).await {
        Ok(borrowed) => borrowed,
        Err(error) if error.status() >= 500 || error.status() == 404 => return Err(error.into()),
        Err(error) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
            let told = Told {
                refusal: Some(sentence(error.message())),
                ..Told::default()
            };
            return telling(visit, status, told).await;
        }
    };
    let user = super::name(&auth.get_user(id).await?);
    let settings = &visit.console.settings;
    let url = settings.external_url.as_str().trim_end_matches('/');
    let key = settings.publishable_keys.first().map_or("", String::as_str);
    let token = borrowed.access_token;
    page(&Page {
        chrome: Chrome::new(visit, t!("borrowed.title"), Spot::Users)
            .below(Place::User(id), t!("borrowed.above")),
        curl: format!(
            "curl '{url}/auth/v1/user' \\\n  -H 'apikey: {key}' \\\n  \
             -H 'Authorization: Bearer {token}'"
        ),
        script: format!(
            "import {{ createClient }} from '@supabase/supabase-js'\n\n\
             const supabase = createClient('{url}', '{key}', {{\n  \
             accessToken: async () => '{token}',\n}})\n"
        ),
        user,
        token,
        ends_at: borrowed.ends_at,
        session: borrowed.session.to_string(),
        end: People::UserSession(id),
        back: Place::User(id),
    })
}
