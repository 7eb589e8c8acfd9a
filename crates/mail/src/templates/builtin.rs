//! The templates inside of the program: English and German, complete.

use super::files::{EVERY_LOCALE, Files, Source};

/// Locale, file and text.
type Builtin = (&'static str, &'static str, &'static str);

macro_rules! source {
    ($locale:literal, $($file:literal),+) => {
        (
            $locale,
            concat!($($file),+),
            include_str!(concat!("../../templates/", $locale, "/", $($file),+)),
        )
    };
}

macro_rules! locale {
    ($locale:literal) => {
        locale!(
            $locale: "confirm_signup", "recovery", "magic_link", "otp", "email_change_current",
            "email_change_new", "invite", "reauthentication", "password_changed", "email_changed",
            "phone_changed", "identity_linked", "identity_unlinked", "mfa_enrolled",
            "mfa_unenrolled", "passkey_added"
        )
    };
    ($locale:literal: $($kind:literal),*) => {
        &[
            source!($locale, "_page.html"),
            source!($locale, "_page.txt"),
            source!($locale, "_lifetime.txt"),
            $(
                source!($locale, $kind, ".subject.txt"),
                source!($locale, $kind, ".txt"),
                source!($locale, $kind, ".html"),
            )*
        ]
    };
}

const ENGLISH: &[Builtin] = locale!("en");
const GERMAN: &[Builtin] = locale!("de");
const PARTS: &[Builtin] = &[
    (
        EVERY_LOCALE,
        "_layout.html",
        include_str!("../../templates/_layout.html"),
    ),
    (
        EVERY_LOCALE,
        "_layout.txt",
        include_str!("../../templates/_layout.txt"),
    ),
];

/// All of them.
pub(super) fn files() -> Files {
    let mut files = Files::default();
    for (locale, file, text) in [ENGLISH, GERMAN, PARTS].into_iter().flatten() {
        let source = Source {
            shown: format!("built-in {locale}/{file}"),
            text: (*text).to_owned(),
        };
        files.add(locale, file, source);
    }
    files
}
