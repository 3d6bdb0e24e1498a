//! Reading: sources, packed files, lines, and the formats of pairs and dialogues.

pub(crate) mod archive;
pub(crate) mod blocks;
pub(crate) mod columns;
pub(crate) mod content;
pub(crate) mod decoder;
pub(crate) mod documents;
pub(crate) mod encoding;
pub(crate) mod formats;
pub(crate) mod json;
pub(crate) mod languages;
pub(crate) mod lines;
pub(crate) mod minimal_pairs;
pub(crate) mod pack;
pub(crate) mod pairs;
pub(crate) mod parallel;
pub(crate) mod pattern;
pub(crate) mod rows;
pub(crate) mod samples;
pub(crate) mod source;
pub(crate) mod tables;
pub(crate) mod tmx;
pub(crate) mod turns;
pub(crate) mod unpack;
pub(crate) mod unpacked;
