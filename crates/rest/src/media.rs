//! Chooses the form of an answer: the `Accept` header against what can be made.
//!
//! COMPAT(postgrest 14): the list is tried by quality, then by how specific an entry is; what
//! browsers send ends in `*/*` and gets JSON; nothing in common is 406 PGRST107.

use actix_web::http::header::{ACCEPT, HeaderMap};
use postern_base::codes;
use postern_query::request::{Explain, Format, Representation};

use crate::Failure;

/// Most entries of an `Accept` list that are looked at.
const ENTRIES_MAX: usize = 32;

/// What can be made besides JSON and CSV.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Offer {
    /// Plans of statements.
    pub(crate) plans: bool,
    /// Features of PostGIS.
    pub(crate) geojson: bool,
    /// The media types that functions of the asked name return values of.
    pub(crate) values: Vec<String>,
    /// The media types that aggregates make of the asked rows, the nearest first, by their oids.
    pub(crate) handlers: Vec<(String, u32)>,
}

/// Chooses the form of an answer made of rows or values.
pub(crate) fn negotiate(headers: &HeaderMap, offer: &Offer) -> Result<Representation, Failure> {
    choose(headers, |media| {
        // COMPAT(postgrest 14): a function's own type comes before what is made of any value.
        let value = offer.values.iter().any(|it| it == "*/*" || it == media);
        if value {
            return Some(Representation {
                format: Format::Value,
                ..Representation::default()
            });
        }
        handled(media, offer).or_else(|| of_rows(media, offer))
    })
}

/// What an aggregate makes; its own type comes before what is made of any rows.
fn handled(media: &str, offer: &Offer) -> Option<Representation> {
    let mut handlers = offer.handlers.iter();
    let (_, oid) = handlers.find(|(made, _)| made == "*/*" || made == media)?;
    Some(Representation {
        format: Format::Handler(*oid),
        ..Representation::default()
    })
}

/// Chooses the form of the OpenAPI description: there is one.
pub(crate) fn negotiate_root(headers: &HeaderMap) -> Result<(), Failure> {
    choose(headers, |media| {
        let known = matches!(
            media,
            "*/*" | "application/*" | "application/json" | "application/openapi+json"
        );
        known.then_some(())
    })
}

/// What a form calls itself in `Content-Type`.
pub(crate) fn content_type(format: Format, strip_nulls: bool) -> &'static str {
    match (format, strip_nulls) {
        (Format::Json, false) => "application/json; charset=utf-8",
        (Format::Json, true) => "application/vnd.pgrst.array+json;nulls=stripped; charset=utf-8",
        (Format::Object, false) => "application/vnd.pgrst.object+json; charset=utf-8",
        (Format::Object, true) => "application/vnd.pgrst.object+json;nulls=stripped; charset=utf-8",
        (Format::Csv, _) => "text/csv; charset=utf-8",
        (Format::GeoJson, _) => "application/geo+json; charset=utf-8",
        (Format::Value | Format::Handler(_), _) => "application/octet-stream",
    }
}

/// What a value that names its own type calls itself.
pub(crate) fn value_type(name: &str) -> String {
    match name {
        "*/*" => "application/octet-stream".to_owned(),
        "text/plain" | "text/xml" => format!("{name}; charset=utf-8"),
        other => other.to_owned(),
    }
}

/// What a plan of an answer of this form calls itself.
pub(crate) fn plan_type(explain: Explain, format: Format, strip_nulls: bool) -> String {
    let kind = if explain.as_json { "json" } else { "text" };
    let full = content_type(format, strip_nulls);
    let answer = full.strip_suffix("; charset=utf-8").unwrap_or(full);
    let options: Vec<_> = explain.options().collect();
    let options = match options.as_slice() {
        [] => String::new(),
        some => format!("; options={}", some.join("|")),
    };
    format!("application/vnd.pgrst.plan+{kind}; for=\"{answer}\"{options}; charset=utf-8")
}

fn choose<T>(headers: &HeaderMap, make: impl Fn(&str) -> Option<T>) -> Result<T, Failure> {
    let mut values = headers.get_all(ACCEPT).filter_map(|it| it.to_str().ok());
    // The clients send one entry or nothing: no list is built for those.
    let first = values.next().map_or("*/*", str::trim);
    if !first.contains([',', 'q'])
        && let Some(made) = make(first)
    {
        return Ok(made);
    }
    let mut entries: Vec<Entry> = std::iter::once(first)
        .chain(values)
        .flat_map(|value| value.split(','))
        .take(ENTRIES_MAX)
        .map(Entry::read)
        .collect();
    entries.sort_by_key(|it| std::cmp::Reverse((it.quality, it.specificity)));
    entries
        .iter()
        .filter(|it| it.quality > 0)
        .find_map(|it| make(&it.media))
        .ok_or_else(|| {
            let names: Vec<_> = entries.iter().map(|it| it.media.as_str()).collect();
            let names = names.join(", ");
            let message = format!("None of these media types are available: {names}");
            Failure::new(&codes::MEDIA_TYPE, message)
        })
}

/// One entry of the list: the media type with its parameters, `q` taken out of them.
struct Entry {
    media: String,
    /// In thousandths.
    quality: u16,
    specificity: i32,
}

impl Entry {
    fn read(text: &str) -> Self {
        let mut quality = 1000;
        let mut media = String::with_capacity(text.len());
        for part in text.split(';').map(str::trim).filter(|it| !it.is_empty()) {
            if let Some(value) = part.strip_prefix("q=") {
                quality = thousandths(value);
                continue;
            }
            if !media.is_empty() {
                media.push(';');
            }
            media.push_str(part);
        }
        let count = |byte| media.bytes().filter(|it| *it == byte).count();
        let specificity =
            i32::try_from(count(b';')).unwrap_or(0) - i32::try_from(count(b'*')).unwrap_or(0);
        Self {
            media,
            quality,
            specificity,
        }
    }
}

fn thousandths(value: &str) -> u16 {
    let quality: f32 = value.trim().parse().unwrap_or(1.0);
    (quality.clamp(0.0, 1.0) * 1000.0) as u16
}

fn of_rows(media: &str, offer: &Offer) -> Option<Representation> {
    let (kind, parameters) = media.split_once(';').unwrap_or((media, ""));
    let format = match kind.trim() {
        "*/*"
        | "application/*"
        | "application/json"
        | "application/vnd.pgrst.array+json"
        | "application/vnd.pgrst.array" => Format::Json,
        "application/vnd.pgrst.object+json" | "application/vnd.pgrst.object" => Format::Object,
        "text/csv" => Format::Csv,
        "application/geo+json" if offer.geojson => Format::GeoJson,
        "application/vnd.pgrst.plan" | "application/vnd.pgrst.plan+text" if offer.plans => {
            return plan(parameters, offer, PlanForm::Text);
        }
        "application/vnd.pgrst.plan+json" if offer.plans => {
            return plan(parameters, offer, PlanForm::Json);
        }
        _ => return None,
    };
    let vendor = kind.starts_with("application/vnd.pgrst.");
    let stripped = parameters
        .split(';')
        .any(|it| it.trim() == "nulls=stripped");
    Some(Representation {
        format,
        strip_nulls: vendor && stripped,
        explain: None,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum PlanForm {
    Text,
    Json,
}

/// `for="…"` is the form whose plan is wanted, `options=a|b` what more is told; what is not known
/// is ignored.
fn plan(parameters: &str, offer: &Offer, form: PlanForm) -> Option<Representation> {
    let answer = parameters
        .split_once("for=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or("application/json", |(answer, _)| answer);
    let no_plans = Offer {
        plans: false,
        ..offer.clone()
    };
    let asked = parameters
        .split(';')
        .find_map(|it| it.trim().strip_prefix("options="));
    let asked: Vec<_> = asked.unwrap_or_default().split('|').collect();
    let options = Explain::OPTIONS.iter().enumerate();
    let options = options
        .filter(|(_, name)| asked.contains(name))
        .fold(0, |bits, (bit, _)| bits | (1 << bit));
    Some(Representation {
        explain: Some(Explain {
            as_json: form == PlanForm::Json,
            options,
        }),
        ..of_rows(answer, &no_plans)?
    })
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn accept(value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if !value.is_empty() {
            headers.insert(ACCEPT, HeaderValue::from_static(value));
        }
        headers
    }

    #[track_caller]
    fn check(value: &'static str, expected: &str) {
        check_offer(value, &Offer::default(), expected);
    }

    #[track_caller]
    fn check_offer(value: &'static str, offer: &Offer, expected: &str) {
        let chosen = negotiate(&accept(value), offer);
        let text = match chosen {
            Ok(Representation {
                format,
                strip_nulls,
                explain: Some(explain),
            }) => plan_type(explain, format, strip_nulls),
            Ok(it) => content_type(it.format, it.strip_nulls).to_owned(),
            Err(failure) => failure.to_string(),
        };
        assert_eq!(text, expected, "{value}");
    }

    #[test]
    fn json_is_what_one_gets_by_default() {
        for value in [
            "",
            "*/*",
            "application/json",
            "application/json; charset=utf-8",
        ] {
            check(value, "application/json; charset=utf-8");
        }
        check(
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8",
            "application/json; charset=utf-8",
        );
        check(
            "application/vnd.pgrst.array+json",
            "application/json; charset=utf-8",
        );
    }

    #[test]
    fn vendor_types_choose_one_row_and_stripped_nulls() {
        check(
            "application/vnd.pgrst.object+json",
            "application/vnd.pgrst.object+json; charset=utf-8",
        );
        check(
            "application/vnd.pgrst.object+json;nulls=stripped",
            "application/vnd.pgrst.object+json;nulls=stripped; charset=utf-8",
        );
        check(
            "application/vnd.pgrst.array+json; nulls=stripped",
            "application/vnd.pgrst.array+json;nulls=stripped; charset=utf-8",
        );
    }

    #[test]
    fn quality_decides_then_what_is_more_specific() {
        check(
            "application/json;q=0.3, text/csv;q=0.5",
            "text/csv; charset=utf-8",
        );
        check("*/*, text/csv", "text/csv; charset=utf-8");
        check("text/xml, text/csv;q=0.1", "text/csv; charset=utf-8");
    }

    #[test]
    fn nothing_in_common_is_refused_with_the_list() {
        check(
            "text/unknowntype, text/xml;q=0.5",
            "PGRST107: None of these media types are available: text/unknowntype, text/xml",
        );
        check(
            "application/json;q=0",
            "PGRST107: None of these media types are available: application/json",
        );
        check(
            "application/vnd.pgrst.plan+json",
            "PGRST107: None of these media types are available: application/vnd.pgrst.plan+json",
        );
    }

    #[test]
    fn plans_and_features_are_offered_or_not() {
        let geo = "application/geo+json";
        let all = Offer {
            plans: true,
            geojson: true,
            values: vec!["text/html".into()],
            handlers: Vec::new(),
        };
        check(
            geo,
            "PGRST107: None of these media types are available: application/geo+json",
        );
        check_offer(geo, &all, "application/geo+json; charset=utf-8");
        check_offer(
            "application/vnd.pgrst.plan",
            &all,
            "application/vnd.pgrst.plan+text; for=\"application/json\"; charset=utf-8",
        );
        check_offer(
            "application/vnd.pgrst.plan+json; \
             for=\"application/vnd.pgrst.object+json;nulls=stripped\"; options=wal|analyze|x;",
            &all,
            "application/vnd.pgrst.plan+json; \
             for=\"application/vnd.pgrst.object+json;nulls=stripped\"; options=analyze|wal; \
             charset=utf-8",
        );
        check_offer("text/html", &all, "application/octet-stream");
        check_offer("*/*", &all, "application/json; charset=utf-8");
        check_offer(
            "text/css",
            &all,
            "PGRST107: None of these media types are available: text/css",
        );
    }

    #[test]
    fn an_aggregate_comes_before_what_is_made_of_any_rows() {
        let offer = |made: &str| Offer {
            handlers: vec![(made.into(), 7), ("text/csv".into(), 8)],
            ..Offer::default()
        };
        let format = |wanted: &'static str, offer: &Offer| {
            let chosen = negotiate(&accept(wanted), offer);
            chosen.map(|it| it.format).ok()
        };

        let csv = offer("text/x");
        assert_eq!(format("text/x", &csv), Some(Format::Handler(7)));
        assert_eq!(format("text/csv", &csv), Some(Format::Handler(8)));
        assert_eq!(format("application/json", &csv), Some(Format::Json));
        assert_eq!(format("text/y, */*;q=0.1", &csv), Some(Format::Json));
        let any = offer("*/*");
        assert_eq!(format("image/png", &any), Some(Format::Handler(7)));
        assert_eq!(format("text/y", &csv), None);
    }

    #[test]
    fn the_root_has_a_form_of_its_own() {
        assert!(negotiate_root(&accept("application/openapi+json")).is_ok());
        assert!(negotiate_root(&accept("")).is_ok());
        assert!(negotiate_root(&accept("text/csv")).is_err());
    }
}
