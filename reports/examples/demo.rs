//! Temporary.
#[path = "../tests/fixture/mod.rs"]
mod fixture;
use harness::{EntryId, State};
fn main() {
    let folder = std::path::Path::new("/tmp/demo-run");
    let _ = std::fs::remove_dir_all(folder);
    let all = [
        (2003, "baselines", "uniform", 33278.0, 1, 0.01),
        (2003, "baselines", "unigram", 1123.0, 1, 0.3),
        (2007, "ngram", "stupid-backoff", 190.0, 1, 3.1),
        (2007, "ngram", "kneser-ney", 151.0, 1, 4.2),
        (2007, "ngram", "kneser-ney-cache", 128.0, 1, 4.3),
        (
            2013,
            "word2vec",
            "cbow-hierarchical-softmax",
            301.0,
            30,
            60.0,
        ),
        (2014, "seq2seq", "lstm", 112.0, 40, 120.0),
        (2015, "chatbot", "vinyals-le", 0.0, 0, 0.0),
        (2017, "transformer", "decoder-only", 93.2, 40, 110.0),
        (2017, "transformer", "small", 118.2, 40, 30.0),
        (2026, "oracle", "generator", 45.2, 0, 0.0),
    ];
    let ids: Vec<_> = all
        .iter()
        .map(|a| EntryId::language_model(a.0, a.1, a.2))
        .collect();
    let run = fixture::begin(folder, &ids);
    let mut rows = vec![];
    let freq = [
        "never",
        "1 to 9",
        "10 to 99",
        "100 to 999",
        "1,000 to 9,999",
        "10,000 and more",
        "<eos>",
        "<unk>",
    ];
    let place = [
        "1st",
        "2nd",
        "3rd and 4th",
        "5th to 8th",
        "9th to 16th",
        "later",
    ];
    for (i, (id, a)) in ids.iter().zip(&all).enumerate() {
        if a.1 == "chatbot" {
            fixture::finish(
                &run,
                id,
                None,
                Some("after 1234 tokens the probabilities sum to 1.0312"),
                &[],
            );
            continue;
        }
        if a.2 == "small" {
            run.entry(id)
                .unwrap()
                .set_state(&State::Failed("it ran out of memory".into()))
                .unwrap();
            continue;
        }
        fixture::finish(&run, id, Some(a.3), None, &fixture::curve(a.4, a.5, a.3));
        if a.1 == "oracle" {
            continue;
        }
        for (name, cells) in [
            ("occurrences in train", &freq[..]),
            ("place in the line", &place[..]),
            ("seen before in the document", &["no", "yes"][..]),
        ] {
            let base = (a.3 / 93.2_f64).ln();
            let c: Vec<(&str, f64)> = cells
                .iter()
                .enumerate()
                .map(|(j, c)| {
                    (
                        *c,
                        base * (1.8 - 0.35 * j as f64) - 0.02 * ((i * j) % 5) as f64,
                    )
                })
                .collect();
            rows.extend(fixture::breakdown(
                &id.label(),
                "transformer/decoder-only",
                name,
                &c,
            ));
        }
    }
    let comps = [
        fixture::comparison("transformer/decoder-only", "seq2seq/lstm", 0.184, 0.012),
        fixture::comparison("seq2seq/lstm", "ngram/kneser-ney-cache", 0.02, 0.03),
    ];
    run.write_tables(&rows, &comps).unwrap();
    reports::write_report(folder).unwrap();
    let counts: Vec<u64> = (1..33278)
        .map(|r| (130_000.0 / (r as f64 + 1.5).powf(1.05)) as u64)
        .collect();
    std::fs::write(
        "/tmp/zipf.svg",
        reports::zipf_chart(&counts, "wikitext-2: 2,088,628 tokens, 33,278 types").unwrap(),
    )
    .unwrap();
}
