//! Light, dark or as the system says, kept in a cookie.

use actix_web::http::header::{HeaderValue, SET_COOKIE};

use crate::answer::{Answer, see_other};
use crate::cookies;
use crate::failure::Failure;
use crate::theme::Theme;
use crate::visit::Visit;

/// `POST /console/theme`
pub(crate) async fn choose(visit: &Visit) -> Answer {
    let theme = Theme::parse(visit.form.text("theme"));
    let kept = (theme != Theme::Auto).then(|| theme.as_str());
    let cookie = cookies::keep_theme(visit.ground, kept);
    let mut response = see_other(&visit.page_of_form());
    let cookie: HeaderValue = cookie.parse().map_err(|_| Failure::Broken)?;
    response.headers_mut().append(SET_COOKIE, cookie);
    Ok(response)
}
