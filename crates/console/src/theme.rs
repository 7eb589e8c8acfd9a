//! Light, dark, or what the system says.

/// A choice; the default follows the system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the system says.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All, in the order of the switch.
    pub(crate) const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// As forms and cookies spell it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads it; what is unknown follows the system.
    pub(crate) fn parse(text: &str) -> Self {
        let found = Self::ALL.into_iter().find(|it| it.as_str() == text);
        found.unwrap_or_default()
    }

    /// The drawing on its button.
    pub(crate) fn icon(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "sun",
            Self::Dark => "moon",
        }
    }

    /// What its button is called.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Auto => t!("theme.auto"),
            Self::Light => t!("theme.light"),
            Self::Dark => t!("theme.dark"),
        }
    }
}
