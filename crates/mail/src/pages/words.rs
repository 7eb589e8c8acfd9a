//! What the pages behind mailed links say, in English and German.

use crate::MailKind;

/// The texts of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// The language they are in.
    pub locale: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// What the button does.
    pub message: &'static str,
    /// What stands on the button.
    pub button: &'static str,
    /// What stands on the button of those who did not ask for the mail, where that undoes
    /// something.
    pub decline: Option<&'static str>,
}

/// The texts about something that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The language they are in.
    pub locale: &'static str,
    /// What was done.
    pub title: &'static str,
    /// What that means.
    pub message: &'static str,
}

/// The texts of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The language they are in.
    pub locale: &'static str,
    /// What did not work.
    pub title: &'static str,
    /// What to do now.
    pub message: &'static str,
}

impl Question {
    /// The question behind the link of a mail, in the first of the reader's languages that we
    /// speak. A notice has no link; whoever gets here with one is asked to sign in.
    pub fn of(kind: MailKind, languages: &[String]) -> Self {
        let ([title, message, button], decline) = match locale(languages) {
            "de" => (german(kind), "Das war ich nicht"),
            _ => (english(kind), "It was not me"),
        };
        Self {
            locale: locale(languages),
            title,
            message,
            button,
            decline: (kind == MailKind::ConfirmSignup).then_some(decline),
        }
    }
}

impl Notice {
    /// Somebody's sign-up was declined by the owner of the address.
    pub fn declined(languages: &[String]) -> Self {
        let [title, message] = match locale(languages) {
            "de" => [
                "Die Registrierung ist aufgehoben",
                "Was dafür gewählt wurde, ist gelöscht, und der Link gilt nicht mehr. Ohne Ihre \
                 Bestätigung kann sich niemand mit Ihrer Adresse anmelden.",
            ],
            _ => [
                "The sign-up is undone",
                "What was chosen for it is gone, and the link no longer works. Nobody can sign in \
                 with your address unless you confirm it.",
            ],
        };
        Self {
            locale: locale(languages),
            title,
            message,
        }
    }
}

impl Refusal {
    /// A link that was used, has expired, or never was one: which of them is not told.
    pub fn dead_link(languages: &[String]) -> Self {
        let [title, message] = match locale(languages) {
            "de" => [
                "Dieser Link gilt nicht mehr",
                "Er wurde schon benutzt oder ist abgelaufen. Fordern Sie in der App einen neuen \
                 an.",
            ],
            _ => [
                "This link is no longer valid",
                "It was used already, or it has expired. Ask for a new one in the app.",
            ],
        };
        Self {
            locale: locale(languages),
            title,
            message,
        }
    }
}

fn locale(languages: &[String]) -> &'static str {
    let spoken = |it: &String| match it.split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
        "de" => Some("de"),
        "en" => Some("en"),
        _ => None,
    };
    languages.iter().find_map(spoken).unwrap_or("en")
}

fn english(kind: MailKind) -> [&'static str; 3] {
    match kind {
        MailKind::ConfirmSignup => [
            "Confirm your email address",
            "Somebody signed up with this address. Confirm only if it was you: whoever signed up \
             can sign in afterwards.",
            "Confirm address",
        ],
        MailKind::Recovery => [
            "Reset your password",
            "Go on, and you can choose a new password.",
            "Go on",
        ],
        MailKind::EmailChangeCurrent => [
            "Change your email address",
            "Your account moves to the new address when both addresses have confirmed it.",
            "Confirm the change",
        ],
        MailKind::EmailChangeNew => [
            "Confirm your new address",
            "Your account moves to this address when you confirm it.",
            "Confirm address",
        ],
        MailKind::Invite => [
            "You are invited",
            "Accept, and an account is opened for you.",
            "Accept the invitation",
        ],
        MailKind::Reauthentication => [
            "Confirm that it is you",
            "Go on only if you were about to change something in your account.",
            "Confirm",
        ],
        _ => [
            "Sign in",
            "Go on only if you asked for this link yourself.",
            "Sign in",
        ],
    }
}

fn german(kind: MailKind) -> [&'static str; 3] {
    match kind {
        MailKind::ConfirmSignup => [
            "Bestätigen Sie Ihre E-Mail-Adresse",
            "Jemand hat sich mit dieser Adresse registriert. Bestätigen Sie nur, wenn Sie das \
             waren: Wer sich registriert hat, kann sich danach anmelden.",
            "Adresse bestätigen",
        ],
        MailKind::Recovery => [
            "Passwort zurücksetzen",
            "Als Nächstes können Sie ein neues Passwort wählen.",
            "Weiter",
        ],
        MailKind::EmailChangeCurrent => [
            "E-Mail-Adresse ändern",
            "Ihr Konto zieht um, wenn beide Adressen es bestätigt haben.",
            "Änderung bestätigen",
        ],
        MailKind::EmailChangeNew => [
            "Bestätigen Sie Ihre neue Adresse",
            "Ihr Konto zieht zu dieser Adresse um, wenn Sie sie bestätigen.",
            "Adresse bestätigen",
        ],
        MailKind::Invite => [
            "Sie sind eingeladen",
            "Nehmen Sie an, und ein Konto wird für Sie eröffnet.",
            "Einladung annehmen",
        ],
        MailKind::Reauthentication => [
            "Bestätigen Sie, dass Sie es sind",
            "Bestätigen Sie nur, wenn Sie gerade etwas in Ihrem Konto ändern wollten.",
            "Bestätigen",
        ],
        _ => [
            "Anmelden",
            "Fahren Sie nur fort, wenn Sie diesen Link selbst angefordert haben.",
            "Anmelden",
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::{Notice, Question, Refusal};
    use crate::MailKind;

    #[test]
    fn the_first_language_that_we_speak_is_taken() {
        let title = |languages: &[&str]| {
            let languages: Vec<_> = languages.iter().map(ToString::to_string).collect();
            Question::of(MailKind::Recovery, &languages).title
        };

        assert_eq!(title(&["fr", "de-AT", "en"]), "Passwort zurücksetzen");
        assert_eq!(title(&["en_GB", "de"]), "Reset your password");
        assert_eq!(title(&["fr"]), "Reset your password");
        assert_eq!(title(&[]), "Reset your password");
        assert_eq!(Refusal::dead_link(&["de".into()]).locale, "de");
        assert_eq!(Notice::declined(&["de".into()]).locale, "de");
    }

    #[test]
    fn only_a_sign_up_can_be_declined() {
        for kind in MailKind::ALL {
            let can_be = Question::of(*kind, &[]).decline.is_some();
            assert_eq!(can_be, *kind == MailKind::ConfirmSignup, "{kind}");
        }
    }
}
