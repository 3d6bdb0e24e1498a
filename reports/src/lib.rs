//! Run records to tables, charts and one self-contained page.
//!
//! [`write_report`] reads what `harness` wrote down about a run and writes `report/` beside it: `index.html`, which
//! needs neither network nor scripts, `charts/` as SVG and PNG, `tables/` as CSV. It can be called at any time, also
//! while a run is unfinished: entries that have no result are listed with their state.
//!
//! | module | holds |
//! |---|---|
//! | `data` | what a run folder says, read once |
//! | `answer`, `glossary` | which entry is best, in a sentence or two; what names mean |
//! | `table`, `tables`, `breakdowns`, `growth`, `reached`, `translation`, `conversation`, `words` | what a table is; the tables of the report |
//! | `claims`, `published` | findings about the papers' claims; how large the papers' models were |
//! | `charts` | the charts, drawn on any backend |
//! | `page` | the page |
//! | `report`, `side_by_side` | put all of it into files, of a run or of several |
//! | `style`, `human` | colours, font, sizes; numbers as people read them |

mod answer;
mod breakdowns;
mod charts;
mod claims;
mod conversation;
mod data;
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
mod side_by_side;
mod style;
mod table;
mod tables;
mod translation;
mod words;

pub use charts::{AttentionMap, WordMap, zipf_chart};
pub use error::{Error, Result};
pub use report::{ReportPaths, write_report};
pub use side_by_side::write_side_by_side;
