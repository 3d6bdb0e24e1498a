//! One module for each command.

pub(crate) mod arpa;
#[cfg(feature = "neural")]
pub(crate) mod attention;
#[cfg(feature = "neural")]
pub(crate) mod average;
#[cfg(feature = "neural")]
pub(crate) mod chat;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod corpus;
pub(crate) mod doctor;
#[cfg(feature = "neural")]
pub(crate) mod encode;
pub(crate) mod evaluate;
pub(crate) mod generate;
pub(crate) mod judge;
pub(crate) mod query;
pub(crate) mod report;
pub(crate) mod reproduce;
pub(crate) mod run;
pub(crate) mod train;
#[cfg(feature = "neural")]
pub(crate) mod translate;
pub(crate) mod verify;
pub(crate) mod village;
pub(crate) mod words;
