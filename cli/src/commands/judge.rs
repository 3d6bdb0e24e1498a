//! `eras judge`: a blind test in which people say which of two replies is better.

use std::fs::File;
use std::path::Path;

use anyhow::Context;
use corpus::{Lines, write_atomically};
use harness::{
    ConversationExample, EntryFolder, EntryId, RunRecord, Track, read_csv, read_run_record,
};
use serde::{Deserialize, Serialize};

use crate::args::JudgeOptions;
use crate::input::stdin_lines;
use crate::output::{complain, say, say_part, usage, visible};

/// The judgements, in the run's folder.
const JUDGEMENTS: &str = "judgements.csv";
/// Judges per pair, and how many of them must agree (Vinyals and Le 2015, section 4.5).
const JUDGES: usize = 4;
const AGREE: usize = 3;

/// A judge's decision about two replies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Judgement {
    first: String,
    second: String,
    /// Index among the recorded replies to the test dialogues.
    context: usize,
    judge: String,
    /// first, second or neither.
    better: Better,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Better {
    First,
    Second,
    Neither,
}

pub(crate) fn run(options: JudgeOptions) -> anyhow::Result<()> {
    let record = read_run_record(&options.run)?;
    require_conversations(&options.run, &record)?;
    let sides = [&options.first, &options.second];
    if sides[0] == sides[1] {
        return Err(usage(format!("{}: name two different entries", sides[0])));
    }
    let replies = [
        replies(&options.run, &record, sides[0])?,
        replies(&options.run, &record, sides[1])?,
    ];
    if replies[0].len() != replies[1].len() {
        anyhow::bail!(
            "{} and {} replied to different turns; run them again",
            sides[0],
            sides[1]
        );
    }
    let file = options.run.join(JUDGEMENTS);
    let mut judgements: Vec<Judgement> = read_csv(&file)?;
    if options.result {
        return result(&judgements, sides);
    }
    let count = options.count.min(replies[0].len());
    let mut lines = stdin_lines();
    say("1 or 2 for the better reply, = for neither, q to stop; each answer is saved at once")?;
    for number in 0..count {
        let context = number * replies[0].len() / count;
        let is_this = |judgement: &Judgement| {
            judgement.context == context
                && judgement.judge == options.name
                && [&judgement.first, &judgement.second] == sides
        };
        if judgements.iter().any(is_this) {
            continue;
        }
        let contexts = [&replies[0][context], &replies[1][context]];
        let Some(better) = ask(
            contexts,
            (number + 1, count),
            &options.name,
            context,
            &mut lines,
        )?
        else {
            return Ok(());
        };
        let judgement = Judgement {
            first: sides[0].clone(),
            second: sides[1].clone(),
            context,
            judge: options.name.clone(),
            better,
        };
        judgements = keep(&file, judgement)?;
    }
    result(&judgements, sides)
}

/// Appends a judgement to the file, which other judges may be writing to; returns all judgements.
fn keep(file: &Path, judgement: Judgement) -> anyhow::Result<Vec<Judgement>> {
    let lock = file.with_file_name(format!(".{JUDGEMENTS}.lock"));
    let lock = File::create(&lock).with_context(|| format!("cannot create {}", lock.display()))?;
    // Held until it is dropped.
    lock.lock().context("cannot lock the judgements")?;
    let mut judgements: Vec<Judgement> = read_csv(file)?;
    judgements.push(judgement);
    let mut table = csv::Writer::from_writer(Vec::new());
    for judgement in &judgements {
        table.serialize(judgement)?;
    }
    write_atomically(file, &table.into_inner()?)?;
    Ok(judgements)
}

/// Refuses a run without two entries that reply, and says which run has them.
fn require_conversations(run: &Path, record: &RunRecord) -> anyhow::Result<()> {
    let of_track = |id: &&EntryId| id.track == Track::Conversation;
    match record.entries.iter().filter(of_track).count() {
        0 | 1 => Err(usage(format!(
            "{}: fewer than two entries of this run reply in conversations, so there is nothing to judge; begin a run with such \
             entries on the built-in village or on dialogues: eras run --eras baselines,ngram,chatbot --corpus DIALOGUES",
            run.display()
        ))),
        _ => Ok(()),
    }
}

/// The replies of an entry of the conversation track.
fn replies(
    run: &Path,
    record: &RunRecord,
    label: &str,
) -> anyhow::Result<Vec<ConversationExample>> {
    let mut entries = record.entries.iter();
    let of_track = |id: &&EntryId| id.track == Track::Conversation;
    let known = entries.find(|id| of_track(id) && id.label() == label);
    let Some(id) = known else {
        let labels: Vec<String> = record
            .entries
            .iter()
            .filter(of_track)
            .map(EntryId::label)
            .collect();
        return Err(usage(format!(
            "{label}: not in the conversation track of this run; its entries are {}",
            labels.join(", ")
        )));
    };
    let path = EntryFolder::open(&id.folder(run))
        .path()
        .join("replies.json");
    let text = std::fs::read(&path)
        .with_context(|| format!("cannot read {}; has the entry been run?", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{}", path.display()))
}

/// Shows turns with both replies in an order that does not reveal whose they are; none if the judge stops.
fn ask(
    contexts: [&ConversationExample; 2],
    (number, count): (usize, usize),
    judge: &str,
    context: usize,
    lines: &mut Lines<'_>,
) -> anyhow::Result<Option<Better>> {
    let digest = corpus::sha256_of(format!("{judge} {context}").as_bytes());
    let swapped = digest.as_bytes()[0] % 2 == 1;
    say(&format!("\n{number} of {count}"))?;
    for turn in &contexts[0].turns {
        say(&format!("  {}", visible(turn)))?;
    }
    let shown = if swapped { [1, 0] } else { [0, 1] };
    for (at, which) in shown.into_iter().enumerate() {
        say(&format!("{}: {}", at + 1, visible(&contexts[which].reply)))?;
    }
    loop {
        say_part("better: ")?;
        let Some(line) = lines.next_line()? else {
            return Ok(None);
        };
        let is_first = match line.trim() {
            "q" => return Ok(None),
            "=" => return Ok(Some(Better::Neither)),
            "1" => !swapped,
            "2" => swapped,
            other => {
                complain(&format!("{}: answer 1, 2, = or q", visible(other)));
                continue;
            }
        };
        return Ok(Some(if is_first {
            Better::First
        } else {
            Better::Second
        }));
    }
}

/// How many pairs each side won: a reply is preferred if at least three of four judges say so.
fn result(judgements: &[Judgement], sides: [&String; 2]) -> anyhow::Result<()> {
    let counts = tally(judgements, sides);
    let [first, second, tied, open] = counts;
    say(&format!(
        "pairs won by {}: {first}; by {}: {second}; neither in {tied}; judged by fewer than {JUDGES} people so far: {open} \
         (a reply wins if {AGREE} of {JUDGES} judges prefer it)",
        sides[0], sides[1]
    ))?;
    let votes = |better: Better| {
        let own = judgements.iter().filter(|judgement| {
            [&judgement.first, &judgement.second] == sides && judgement.better == better
        });
        own.count()
    };
    say(&format!(
        "single votes: {} for {}, {} for {}, {} for neither",
        votes(Better::First),
        sides[0],
        votes(Better::Second),
        sides[1],
        votes(Better::Neither)
    ))
}

/// Numbers of pairs that the first side won, the second won, neither won, and too few people have judged.
fn tally(judgements: &[Judgement], sides: [&String; 2]) -> [usize; 4] {
    let mut of_context: std::collections::BTreeMap<usize, [usize; 3]> = Default::default();
    for judgement in judgements {
        if [&judgement.first, &judgement.second] == sides {
            of_context.entry(judgement.context).or_default()[judgement.better as usize] += 1;
        }
    }
    let mut counts = [0; 4];
    for [first, second, neither] in of_context.into_values() {
        let all = first + second + neither;
        let outcome = match (first >= AGREE, second >= AGREE) {
            (true, false) => 0,
            (false, true) => 1,
            _ if all < JUDGES => 3,
            _ => 2,
        };
        counts[outcome] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_of_four_judges_decide() {
        let (first, second) = ("a".to_owned(), "b".to_owned());
        let votes = [
            // Context 0: three for the first; 1: two each; 2: two for the second so far; 3: all for the second.
            (0, "wxy", Better::First),
            (0, "z", Better::Neither),
            (1, "wx", Better::First),
            (1, "yz", Better::Second),
            (2, "wx", Better::Second),
            (3, "wxyz", Better::Second),
        ];
        let judgements: Vec<Judgement> = votes
            .into_iter()
            .flat_map(|(context, judges, better)| {
                judges.chars().map(move |judge| (context, judge, better))
            })
            .map(|(context, judge, better)| Judgement {
                first: first.clone(),
                second: second.clone(),
                context,
                judge: judge.to_string(),
                better,
            })
            .collect();
        assert_eq!(tally(&judgements, [&first, &second]), [1, 1, 1, 1]);
        assert_eq!(tally(&judgements, [&second, &first]), [0; 4]);
    }
}
