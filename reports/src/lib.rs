//! Turns the records of a run into tables, charts and one self-contained page.
//!
//! [`write_report`] reads the records that `harness` wrote about a run and writes `report/` beside them: `index.html`, which
//! needs neither network nor other files, `charts/` as SVG and PNG, `tables/` as CSV. It can be called at any time, also
//! while a run is unfinished: entries without a result are listed with their state.
//!
//! | module | holds |
//! |---|---|
//! | `data` | the records of a run, read once |
//! | `eras` | roles, ideas, order and colours of eras, from the record |
//! | `answer`, `glossary` | which entry is best, in a sentence or two; explanations of names |
//! | `short_training` | entries that were trained too little |
//! | `tracks` | the sections of the tracks, one file each |
//! | `bits_per_byte`, `breakdowns`, `grammar`, `growth` | parts of the section on language modelling |
//! | `costs`, `reached`, `claims`, `published`, `unfinished` | costs; findings about the papers' claims; published systems; entries without a result |
//! | `charts`, `table` | the charts, drawn on any backend; tables |
//! | `page` | the page |
//! | `report`, `side_by_side`, `writer` | write the report of one run, or of several |
//! | `style`, `human` | colours, font, sizes; numbers as text |

mod ablations;
mod answer;
mod bits_per_byte;
mod breakdowns;
mod charts;
mod claims;
mod costs;
mod data;
mod eras;
mod error;
mod files;
mod glossary;
mod grammar;
mod growth;
mod human;
mod page;
mod published;
mod reached;
mod report;
mod short_training;
mod side_by_side;
mod style;
mod table;
mod tracks;
mod unfinished;
mod writer;

pub use charts::{AttentionMap, MissingLetters, WordMap, zipf_chart};
pub use error::{Error, Result};
pub use report::{Experiments, write_report};
pub use side_by_side::write_side_by_side;
pub use writer::ReportPaths;
