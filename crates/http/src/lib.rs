//! Extractors, identity from verified tokens, error rendering shared by the wire dialects.
