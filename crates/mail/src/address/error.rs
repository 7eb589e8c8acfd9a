//! Why a text is no mail address, in words for the person who typed it.

/// What is wrong with an address; the texts never repeat the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing was typed.
    #[error("the email address is empty")]
    Empty,
    /// Longer than mail servers take.
    #[error("the email address is longer than 254 characters")]
    TooLong,
    /// A line break or another control character.
    #[error("the email address contains a line break or another control character")]
    ControlCharacter,
    /// White space, leading and trailing included.
    #[error("the email address contains a space")]
    Space,
    /// A character that merely looks like `@`.
    #[error("the email address contains a character that only looks like `@`")]
    LooksLikeAt,
    /// A quoted local part.
    #[error("quotes and backslashes are not supported in email addresses")]
    Quoted,
    /// Two addresses in one text.
    #[error("exactly one email address is expected")]
    Several,
    /// `Ada <ada@example.com>` and comments.
    #[error("only the address itself is expected, without a name, comment or brackets")]
    DisplayName,
    /// No `@`.
    #[error("the email address has no `@`")]
    NoAt,
    /// Nothing before the `@`.
    #[error("nothing stands before the `@` of the email address")]
    NoLocalPart,
    /// An international local part, which few mail servers take.
    #[error("only unaccented letters are supported before the `@` of an email address")]
    LocalNotAscii,
    /// More than 64 bytes before the `@`.
    #[error("more than 64 characters stand before the `@` of the email address")]
    LocalTooLong,
    /// A leading, trailing or doubled dot before the `@`.
    #[error("before the `@`, a dot must stand between two other characters")]
    LocalDots,
    /// A character that may not stand before the `@`.
    #[error("before the `@` of the email address stands a character that is not allowed there")]
    LocalCharacter,
    /// Nothing after the `@`.
    #[error("nothing stands after the `@` of the email address")]
    NoDomain,
    /// A domain with a trailing dot.
    #[error("the domain of the email address must not end with a dot")]
    TrailingDot,
    /// A domain without a dot, such as `localhost`.
    #[error("the domain of the email address needs a dot, as in `example.com`")]
    Dotless,
    /// An address of a machine instead of a domain.
    #[error("the domain of the email address must be a name, not the number of a machine")]
    Number,
    /// A domain that DNS cannot have.
    #[error("the domain of the email address is not a valid domain name")]
    Domain,
    /// A domain written with letters that turn into other letters.
    #[error("the domain of the email address is not written in its usual characters")]
    UnusualForm,
    /// A domain label that mixes alphabets that look alike.
    #[error("the domain of the email address mixes letters of different alphabets")]
    MixedAlphabets,
    /// Refused by the general grammar of addresses.
    #[error("this is not a valid email address")]
    Malformed,
}
