//! The eras in the record of a run: their order, roles, ideas and colours.

use harness::{BorrowedIdea, EntryId, EraEntryRecord, EraRecord, EraRole, RunRecord};
use plotters::style::RGBColor;

use crate::style::{BASELINE, INK, PALETTE, UNKNOWN_ERA};
use crate::table::Cell;

/// How an entry is marked in charts and tables: in its era's colour, hollow if it borrows ideas of other papers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mark {
    /// The era's colour.
    pub(crate) colour: RGBColor,
    /// Whether the entry borrows ideas, so that its result is not due to the era's paper alone.
    pub(crate) is_hollow: bool,
}

/// The eras that a run knows, in the order of the program's list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Eras(Vec<EraRecord>);

impl Eras {
    /// The eras of a run.
    pub(crate) fn of(record: &RunRecord) -> Eras {
        Eras(record.eras.clone())
    }

    /// The eras of several runs without repetition, in the order of their first occurrence.
    pub(crate) fn merged<'a>(runs: impl Iterator<Item = &'a Eras>) -> Eras {
        let mut all: Vec<EraRecord> = Vec::new();
        for era in runs.flat_map(|eras| &eras.0) {
            if !all.iter().any(|known| known.name == era.name) {
                all.push(era.clone());
            }
        }
        Eras(all)
    }

    fn find(&self, era: &str) -> Option<&EraRecord> {
        self.0.iter().find(|known| known.name == era)
    }

    /// The role of an era in a comparison; none for an era that is not in the list.
    fn role(&self, era: &str) -> Option<EraRole> {
        self.find(era).map(|known| known.role)
    }

    /// Whether an era is the generator of the corpus, which no model can beat.
    pub(crate) fn is_oracle(&self, era: &str) -> bool {
        self.role(era) == Some(EraRole::Oracle)
    }

    /// Whether an era is the baselines, which milestones have to beat.
    pub(crate) fn is_baseline(&self, era: &str) -> bool {
        self.role(era) == Some(EraRole::Baseline)
    }

    fn entry(&self, id: &EntryId) -> Option<&EraEntryRecord> {
        let mut entries = self.find(&id.era)?.entries.iter();
        entries.find(|entry| entry.variant == id.variant && entry.track == id.track)
    }

    /// The idea or the purpose of an entry; none for an entry that is not in the list.
    pub(crate) fn idea(&self, id: &EntryId) -> Option<&str> {
        let idea = self.entry(id)?.idea.as_str();
        Some(idea).filter(|idea| !idea.is_empty())
    }

    /// The ideas of other papers in the default configuration of an entry.
    pub(crate) fn borrowed_ideas(&self, id: &EntryId) -> &[BorrowedIdea] {
        self.entry(id).map_or(&[], |entry| &entry.borrowed_ideas)
    }

    /// The mark of an entry.
    pub(crate) fn mark(&self, id: &EntryId) -> Mark {
        Mark {
            colour: self.colour(&id.era),
            is_hollow: !self.borrowed_ideas(id).is_empty(),
        }
    }

    /// The mark of an entry that is known by its label.
    fn label_mark(&self, label: &str) -> Mark {
        let (era, variant) = label.split_once('/').unwrap_or((label, ""));
        let entries = self.find(era).map_or(&[][..], |known| &known.entries);
        let mut entries = entries.iter().filter(|entry| entry.variant == variant);
        Mark {
            colour: self.colour(era),
            is_hollow: entries.any(|entry| !entry.borrowed_ideas.is_empty()),
        }
    }

    /// Sort key of entries: the order of the list, then eras that are not in it by year, oracles last.
    pub(crate) fn order(&self, id: &EntryId) -> impl Ord + use<> {
        let place = self.0.iter().position(|known| known.name == id.era);
        let place = place.unwrap_or(usize::MAX);
        (self.is_oracle(&id.era), place, id.order())
    }

    /// The colour of an era in every chart and table. It depends only on the milestones before the era in the list, so adding an
    /// era at the end changes no other colour.
    pub(crate) fn colour(&self, era: &str) -> RGBColor {
        match self.role(era) {
            None => UNKNOWN_ERA,
            Some(EraRole::Baseline) => BASELINE,
            Some(EraRole::Oracle) => INK,
            Some(EraRole::Era) => {
                let before = self.0.iter().take_while(|known| known.name != era);
                let milestones = before.filter(|known| known.role == EraRole::Era).count();
                PALETTE[milestones % PALETTE.len()]
            }
        }
    }

    /// An entry in a table.
    pub(crate) fn cell(&self, id: &EntryId) -> Cell {
        Cell::Entry(id.label(), self.mark(id))
    }

    /// An entry that is known by its label, in a table.
    pub(crate) fn label_cell(&self, label: &str) -> Cell {
        Cell::Entry(label.to_owned(), self.label_mark(label))
    }
}

/// The era of an entry that is known by its label.
pub(crate) fn era_of(label: &str) -> &str {
    label.split('/').next().unwrap_or(label)
}

#[cfg(test)]
mod tests {
    use harness::Track;

    use super::*;

    fn era(name: &str, role: EraRole) -> EraRecord {
        EraRecord {
            name: name.to_owned(),
            year: None,
            paper: String::new(),
            idea: String::new(),
            role,
            entries: vec![EraEntryRecord {
                variant: "first".to_owned(),
                track: Track::Words,
                idea: format!("The idea of {name}."),
                borrowed_ideas: Vec::new(),
            }],
        }
    }

    fn list(milestones: &[&str]) -> Eras {
        let mut all = vec![era("simple", EraRole::Baseline)];
        all.extend(milestones.iter().map(|name| era(name, EraRole::Era)));
        all.push(era("generator", EraRole::Oracle));
        Eras(all)
    }

    #[test]
    fn colours_follow_the_list_and_appending_an_era_changes_none() {
        let (few, more) = (list(&["a", "b"]), list(&["a", "b", "c"]));
        assert_eq!(few.colour("a"), PALETTE[0]);
        assert_eq!(more.colour("c"), PALETTE[2]);
        for name in ["simple", "a", "b", "generator"] {
            assert_eq!(few.colour(name), more.colour(name), "{name}");
        }
        assert_eq!(few.colour("simple"), BASELINE);
        assert_eq!(few.colour("generator"), INK);
        assert_eq!(few.colour("c"), UNKNOWN_ERA);
    }

    #[test]
    fn the_list_orders_entries_and_the_oracle_is_last() {
        let eras = list(&["b", "a"]);
        let id = |name: &str, year| EntryId::language_model(year, name, "first");
        let mut ids = [
            id("generator", None),
            id("unknown", Some(2030)),
            id("a", Some(2001)),
            id("simple", Some(1948)),
            id("b", Some(2002)),
        ];
        ids.sort_by_key(|id| eras.order(id));
        let names = ids.map(|id| id.era);
        assert_eq!(names, ["simple", "b", "a", "unknown", "generator"]);
    }

    #[test]
    fn ideas_are_taken_from_the_record() {
        let eras = list(&["a"]);
        let of = |track| {
            let id = EntryId {
                track,
                ..EntryId::language_model(2001, "a", "first")
            };
            eras.idea(&id).map(str::to_owned)
        };
        assert_eq!(of(Track::Words).as_deref(), Some("The idea of a."));
        assert_eq!(of(Track::Translation), None);
    }

    #[test]
    fn entries_with_borrowed_ideas_are_hollow() {
        let mut eras = list(&["a", "b"]);
        let idea = BorrowedIdea::new("dropout", "Hinton et al. 2012", 2012);
        eras.0[1].entries[0].borrowed_ideas.push(idea);
        let id = |name| EntryId {
            track: Track::Words,
            ..EntryId::language_model(2001, name, "first")
        };
        assert!(eras.mark(&id("a")).is_hollow && !eras.mark(&id("b")).is_hollow);
        assert!(eras.label_mark("a/first").is_hollow && !eras.label_mark("a/other").is_hollow);
    }

    #[test]
    fn the_eras_of_several_runs_are_listed_once() {
        let (few, more) = (list(&["a"]), list(&["a", "b"]));
        let merged = Eras::merged([&few, &more].into_iter());
        let names: Vec<&str> = merged.0.iter().map(|era| era.name.as_str()).collect();
        assert_eq!(names, ["simple", "a", "generator", "b"]);
        assert!(merged.is_oracle("generator") && merged.is_baseline("simple"));
    }
}
