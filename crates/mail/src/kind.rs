//! The occasions on which a mail is sent.

use std::fmt;

macro_rules! kinds {
    ($($name:ident = $text:literal, $doc:literal;)*) => {
        /// Why a mail is sent; also the name of its template files.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum MailKind {
            $(#[doc = $doc] $name,)*
        }

        impl MailKind {
            /// Every kind: first those that ask for something, then the notices.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name in file names, settings and the dev mailbox.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

kinds! {
    ConfirmSignup = "confirm_signup", "Confirms the address of a new account.";
    Recovery = "recovery", "Lets somebody in who forgot the password.";
    MagicLink = "magic_link", "Signs in by a link.";
    Otp = "otp", "Signs in by a code.";
    EmailChangeCurrent = "email_change_current", "Asks the present address to let the account go.";
    EmailChangeNew = "email_change_new", "Confirms the address that an account moves to.";
    Invite = "invite", "Invites somebody who has no account yet.";
    Reauthentication = "reauthentication", "Proves once more who is there, before something grave.";
    PasswordChanged = "password_changed", "Tells that the password was changed.";
    EmailChanged = "email_changed", "Tells the former address that the account has left it.";
    PhoneChanged = "phone_changed", "Tells that the phone number was changed.";
    IdentityLinked = "identity_linked", "Tells that another way to sign in was added.";
    IdentityUnlinked = "identity_unlinked", "Tells that a way to sign in was removed.";
    MfaEnrolled = "mfa_enrolled", "Tells that a second factor was added.";
    MfaUnenrolled = "mfa_unenrolled", "Tells that a second factor was removed.";
    PasskeyAdded = "passkey_added", "Tells that a passkey was added.";
}

impl MailKind {
    /// The kind of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.as_str() == text)
    }

    /// Whether the mail holds a code or a link; the others only tell what happened.
    pub fn asks(self) -> bool {
        self <= Self::Reauthentication
    }
}

impl fmt::Display for MailKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::MailKind;

    #[test]
    fn names_lead_back_to_their_kinds() {
        for kind in MailKind::ALL {
            assert_eq!(MailKind::parse(kind.as_str()), Some(*kind));
        }
        assert_eq!(MailKind::parse("recover"), None);
    }

    #[test]
    fn eight_kinds_ask_and_the_others_tell() {
        let asking = MailKind::ALL.iter().filter(|it| it.asks()).count();

        assert_eq!((asking, MailKind::ALL.len() - asking), (8, 8));
    }
}
