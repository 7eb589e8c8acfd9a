//! What can go wrong with a key or a sealed value. No message holds either of them.

/// Why a master key or a sealed value cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Text that is not 32 bytes in hex or base64.
    #[error("the master key must be 32 bytes, as 64 hex digits or as base64")]
    MasterKeyShape,
    /// A key that nobody drew at random.
    #[error("the master key repeats one byte; make a random one")]
    MasterKeyWeak,
    /// Text that is not `pe1.<key id>.<nonce>.<sealed bytes>`.
    #[error("the sealed value is not of the form `pe1.<key id>.<nonce>.<sealed bytes>`")]
    Malformed,
    /// Sealed with a master key that is not at hand.
    #[error("the value was sealed with the key `{key_id}`, which is not among the master keys")]
    UnknownKey {
        /// Names the missing key; it is no secret.
        key_id: String,
    },
    /// Changed since it was sealed, or moved from another place.
    #[error("the sealed value was changed, or belongs to another place")]
    Refused,
}
