//! The built files of `console/dist`, inside the binary.
//!
//! A name carries a hash of its content, so that a browser may keep it for ever. Debug builds
//! read from the folder, so that a rebuilt style shows on reload.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use rust_embed::RustEmbed;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::visit::Visit;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../console/dist"]
struct Dist;

/// Where the files are.
const FOLDER: &str = "/console/assets";

static NAMES: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let manifest = Dist::get("manifest.json").map(|it| it.data);
    let names = manifest.and_then(|it| serde_json::from_slice(&it).ok());
    names.unwrap_or_default()
});

/// The address of a file by its name without the hash.
pub(crate) fn address(name: &str) -> String {
    let built = NAMES.get(name).map_or(name, String::as_str);
    format!("{FOLDER}/{built}")
}

/// `GET /console/assets/{name}`: a built file.
pub(crate) async fn serve(visit: &Visit) -> Answer {
    let name = visit.segment("name");
    let file = Dist::get(name).ok_or(Failure::Missing)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type(name)))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(file.data.into_owned()))
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("json") => "application/json",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_pages_name_was_built() {
        for name in [
            "console.css",
            "console.js",
            "htmx.js",
            "editor.js",
            "merge.js",
            "icons.svg",
            "door.svg",
        ] {
            let address = address(name);
            let file = address.strip_prefix("/console/assets/").unwrap();

            assert_ne!(file, name, "not in the manifest");
            assert!(Dist::get(file).is_some(), "{file}");
        }
    }
}
