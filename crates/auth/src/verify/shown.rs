//! What is shown as proof: a code with where it was sent to, or a link's token alone.

use crate::identifier::Identifier;
use crate::store::Purpose;
use crate::{Error, Result};

/// The `type` of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A new account's address.
    Signup,
    /// An invitation.
    Invite,
    /// A sign-in.
    MagicLink,
    /// A forgotten password.
    Recovery,
    /// A change of address.
    EmailChange,
    /// Any mailed code that signs in.
    Email,
    /// A texted code.
    Sms,
    /// A change of number.
    PhoneChange,
}

impl Kind {
    /// Reads the type of a request.
    ///
    /// # Errors
    /// When there is none, or no such type.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(match text {
            "signup" => Self::Signup,
            "invite" => Self::Invite,
            "magiclink" => Self::MagicLink,
            "recovery" => Self::Recovery,
            "email_change" => Self::EmailChange,
            "email" => Self::Email,
            "sms" => Self::Sms,
            "phone_change" => Self::PhoneChange,
            "" => return Err(Error::invalid("Verify requires a verification type")),
            _ => return Err(Error::invalid("Unsupported verification type")),
        })
    }

    /// What codes of that type may be for. Clients name the type after their own call, not after
    /// the letter that the server chose, so that neighbours are taken for each other; what the
    /// code does is said by its own purpose.
    pub(crate) fn purposes(self) -> &'static [Purpose] {
        use Purpose::{
            EmailChangeCurrent, EmailChangeNew, Invite, MagicLink, PhoneChange, Recovery, Signup,
            Sms,
        };
        match self {
            Self::Signup | Self::Invite => &[Signup, Invite, MagicLink],
            Self::MagicLink | Self::Recovery => &[MagicLink, Recovery],
            Self::Email => &[Signup, Invite, MagicLink, Recovery],
            Self::EmailChange => &[EmailChangeCurrent, EmailChangeNew],
            Self::Sms => &[Sms, Signup],
            Self::PhoneChange => &[PhoneChange],
        }
    }
}

/// A proof.
#[derive(Debug)]
pub enum Shown {
    /// A code, and where it was sent to.
    Code {
        /// The type.
        kind: Kind,
        /// The address or number.
        sent_to: Identifier,
        /// The code.
        code: String,
    },
    /// A link's token, which needs no address.
    Token {
        /// The type.
        kind: Kind,
        /// The token.
        token: String,
    },
}

/// The fields of a request that verifies.
#[derive(Debug, Default)]
pub struct Fields<'a> {
    /// The type.
    pub kind: &'a str,
    /// The code.
    pub token: &'a str,
    /// The link's token.
    pub token_hash: &'a str,
    /// Where the code was sent to.
    pub email: &'a str,
    /// Where the code was sent to.
    pub phone: &'a str,
}

impl Shown {
    /// Reads the fields of a request.
    ///
    /// # Errors
    /// When they do not go together.
    pub fn parse(fields: &Fields<'_>) -> Result<Self> {
        let kind = Kind::parse(fields.kind)?;
        let is_given = |it: &str| !it.is_empty();
        if is_given(fields.token_hash) {
            if is_given(fields.token) || is_given(fields.email) || is_given(fields.phone) {
                return Err(Error::invalid(
                    "Only the token_hash and type should be provided",
                ));
            }
            let token = fields.token_hash.to_owned();
            return Ok(Self::Token { kind, token });
        }
        if !is_given(fields.token) {
            return Err(Error::invalid("Verify requires a token or a token hash"));
        }
        if !is_given(fields.email) && !is_given(fields.phone) {
            return Err(Error::invalid(
                "Only an email address or phone number should be provided on verify",
            ));
        }
        Ok(Self::Code {
            kind,
            sent_to: Identifier::parse(Some(fields.email), Some(fields.phone))?,
            // People copy codes with the spaces around them.
            code: fields.token.trim().to_owned(),
        })
    }
}
