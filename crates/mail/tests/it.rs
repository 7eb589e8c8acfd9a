//! The crate against a mail server that is not ours.

mod it {
    mod smtp;
}
