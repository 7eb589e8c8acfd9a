//! The `Prefer` headers.
//!
//! ```text
//! headers    = preference *( "," preference )       ; several headers join
//! preference = "resolution=" ( "merge-duplicates" | "ignore-duplicates" )
//!            | "return=" ( "representation" | "minimal" | "headers-only" )
//!            | "count=" ( "exact" | "planned" | "estimated" )
//!            | "missing=" ( "default" | "null" )
//!            | "handling=" ( "strict" | "lenient" )
//!            | "tx=" ( "commit" | "rollback" )
//!            | "timezone=" text | "max-affected=" digits
//! ```
//! Of a preference that comes twice the first counts. Others are collected as unknown, which
//! `handling=strict` refuses.

use super::{Count, Preferences, Resolution, Return, Tx};
use crate::Error;

/// Parses the values of all `Prefer` headers.
pub(super) fn parse(headers: &[&str]) -> Result<Preferences, Error> {
    let mut preferences = Preferences::default();
    let all = headers.iter().flat_map(|it| it.split(','));
    for preference in all.map(str::trim).filter(|it| !it.is_empty()) {
        if !understand(&mut preferences, preference) {
            preferences.unknown.push(preference.to_owned());
        }
    }
    if preferences.strict == Some(true) && !preferences.unknown.is_empty() {
        return Err(Error::unknown_preferences(&preferences.unknown));
    }
    Ok(preferences)
}

fn understand(preferences: &mut Preferences, preference: &str) -> bool {
    match preference {
        "resolution=merge-duplicates" => {
            first(&mut preferences.resolution, Resolution::MergeDuplicates)
        }
        "resolution=ignore-duplicates" => {
            first(&mut preferences.resolution, Resolution::IgnoreDuplicates)
        }
        "return=representation" => first(&mut preferences.representation, Return::Representation),
        "return=minimal" => first(&mut preferences.representation, Return::Minimal),
        "return=headers-only" => first(&mut preferences.representation, Return::HeadersOnly),
        "count=exact" => first(&mut preferences.count, Count::Exact),
        "count=planned" => first(&mut preferences.count, Count::Planned),
        "count=estimated" => first(&mut preferences.count, Count::Estimated),
        "missing=default" => first(&mut preferences.missing_default, true),
        "missing=null" => first(&mut preferences.missing_default, false),
        "handling=strict" => first(&mut preferences.strict, true),
        "handling=lenient" => first(&mut preferences.strict, false),
        "tx=commit" => first(&mut preferences.tx, Tx::Commit),
        "tx=rollback" => first(&mut preferences.tx, Tx::Rollback),
        other => understand_text(preferences, other),
    }
}

fn understand_text(preferences: &mut Preferences, preference: &str) -> bool {
    match preference.split_once('=') {
        Some(("timezone", zone)) => first(&mut preferences.timezone, zone.to_owned()),
        // COMPAT(postgrest 14): a number that cannot be read is no preference, and no error.
        Some(("max-affected", rows)) => match rows.parse() {
            Ok(rows) => first(&mut preferences.max_affected, rows),
            Err(_) => true,
        },
        _ => false,
    }
}

/// Keeps the value unless there is one already; always true, as the preference is known.
fn first<T>(known: &mut Option<T>, value: T) -> bool {
    known.get_or_insert(value);
    true
}
