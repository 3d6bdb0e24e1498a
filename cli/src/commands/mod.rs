//! One module for each command.

pub(crate) mod ablate;
pub(crate) mod arpa;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod corpus;
pub(crate) mod counts;
pub(crate) mod doctor;
pub(crate) mod evaluate;
pub(crate) mod generate;
pub(crate) mod judge;
pub(crate) mod query;
pub(crate) mod report;
pub(crate) mod reproduce;
pub(crate) mod run;
pub(crate) mod train;
pub(crate) mod verify;
pub(crate) mod village;
pub(crate) mod words;
