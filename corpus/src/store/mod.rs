//! Prepared corpora on disk.

pub(crate) mod layout;
pub(crate) mod part;
pub(crate) mod prepared;
pub(crate) mod record;
pub(crate) mod spans;
pub(crate) mod statistics;
pub(crate) mod text;
pub(crate) mod token_stream;
