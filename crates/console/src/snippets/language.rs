//! The clients, and how each is begun with.

use super::{Site, Step, Subject, curl, dart, javascript, kotlin, python, swift};

/// A client of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    JavaScript,
    Python,
    Dart,
    Swift,
    Kotlin,
    Curl,
}

impl Language {
    /// All of them, the most used first.
    pub(crate) const ALL: [Self; 6] = [
        Self::JavaScript,
        Self::Python,
        Self::Dart,
        Self::Swift,
        Self::Kotlin,
        Self::Curl,
    ];

    /// Its word in addresses.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::JavaScript => "js",
            Self::Python => "python",
            Self::Dart => "dart",
            Self::Swift => "swift",
            Self::Kotlin => "kotlin",
            Self::Curl => "curl",
        }
    }

    /// The language of this word; another word means the first.
    pub(crate) fn parse(word: &str) -> Self {
        let found = Self::ALL.into_iter().find(|it| it.as_str() == word);
        found.unwrap_or(Self::JavaScript)
    }

    /// What its users call it.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::JavaScript => "JavaScript",
            Self::Python => "Python",
            Self::Dart => "Dart",
            Self::Swift => "Swift",
            Self::Kotlin => "Kotlin",
            Self::Curl => "curl",
        }
    }

    /// What installs its library; nothing for a program that is there already.
    pub(crate) fn install(self) -> Option<&'static str> {
        match self {
            Self::JavaScript => Some("npm install @supabase/supabase-js"),
            Self::Python => Some("pip install supabase"),
            Self::Dart => Some("dart pub add supabase"),
            Self::Swift => Some("https://github.com/supabase/supabase-swift"),
            Self::Kotlin => Some("io.github.jan-tennert.supabase:postgrest-kt"),
            Self::Curl => None,
        }
    }

    /// The lines that come first; none where every snippet stands alone.
    pub(crate) fn connect(self, site: &Site) -> Option<String> {
        match self {
            Self::JavaScript => Some(javascript::connect(site)),
            Self::Python => Some(python::connect(site)),
            Self::Dart => Some(dart::connect(site)),
            Self::Swift => Some(swift::connect(site)),
            Self::Kotlin => Some(kotlin::connect(site)),
            Self::Curl => None,
        }
    }

    /// The lines of a step; none where the table or this client cannot do it.
    pub(crate) fn write(self, step: Step, subject: &Subject, site: &Site) -> Option<String> {
        if !subject.offers(step) {
            return None;
        }
        match self {
            Self::JavaScript => Some(javascript::write(step, subject)),
            Self::Python => python::write(step, subject),
            Self::Dart => Some(dart::write(step, subject)),
            Self::Swift => Some(swift::write(step, subject)),
            Self::Kotlin => kotlin::write(step, subject),
            Self::Curl => Some(curl::write(step, subject, site)),
        }
    }
}
