//! Writes the seed corpus of every target, which consists of valid inputs: `cargo run --example seeds -- RUN`, where RUN is the
//! folder of a small run of all tracks. Every seed is read here to check that it is valid.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use eras_list::ERAS;
use fuzz::models::{Corpora, ask, entries, make};
use fuzz::records::{READERS, word_test};
use fuzz::{Sound, files_of, scratch};
use harness::ModelCard;

fn main() {
    let run = std::env::args().nth(1).expect("the folder of a run");
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let put = |target: &str, name: &str, content: &[u8]| {
        let folder = corpora.join(target);
        fs::create_dir_all(&folder).expect("the folder can be written");
        fs::write(folder.join(name), content).expect("the folder can be written");
    };
    let texts: [(&str, &str); 6] = [
        (
            "stories",
            "the cat sat\nthe dog ran\n\n = A heading = \n\na cat ran <unk>\n",
        ),
        ("pairs", "a cat\teine Katze\na dog\tein Hund\n"),
        (
            "table",
            "0\t0\t0\thello\n0\t1\t1\thi there\n1\t0\t0\tbye\n1\t1\t1\tbye\n",
        ),
        (
            "persona",
            "1 your persona: i ski .\n2 hi\thello\t\ta|b\n1 hi\thello\t\ta|b\n",
        ),
        (
            "transcript",
            "ANNA Conversation 1\n\nANNA: hello\nBEN: hi\n",
        ),
        ("odd", "\u{feff}caf\u{e9}\r\n\u{0}\u{1b}[2J\u{2028}\n"),
    ];
    // With the kind detected, and with the kind set: see the target.
    let kinds = [2, 4, 6, 6, 6, 2];
    for ((name, text), kind) in texts.iter().zip(kinds) {
        for kind in [0, kind] {
            let name = format!("{name}-{kind}");
            put("text", &name, &[&[kind], text.as_bytes()].concat());
        }
    }
    for (at, (name, packed)) in packed(texts[0].1.as_bytes()).iter().enumerate() {
        let first = 8 * (at as u8 + 1);
        put("text", name, &[&[first], &packed[..]].concat());
    }
    let pair = r#"{"sentence_good": "The cats run.", "sentence_bad": "The cats runs.", "field": "syntax", "linguistics_term": "agreement", "UID": "agreement_1"}"#;
    put(
        "minimal_pairs",
        "blimp",
        format!("{pair}\n{pair}\n").as_bytes(),
    );

    let corpora = Corpora::small();
    let (side, _) = corpora.pairs.pairs().expect("the corpus has pairs");
    let subwords = fuzz::small_subwords(&scratch());
    for (of, corpus) in [&corpora.dialogues, &side, &subwords]
        .into_iter()
        .enumerate()
    {
        assert!(fuzz::read_all(corpus.folder()));
        for (at, (name, content)) in files_of(corpus.folder()).iter().enumerate() {
            let name = format!("{of}-{}", name.replace('/', "-"));
            let input = [&[of as u8, at as u8], &content[..]].concat();
            put("prepared_corpus", &name, &input);
        }
    }
    let card_only = |name: &str, card: &ModelCard| {
        // Without its files, which would have to exist beside it.
        let mut card = card.clone();
        card.files.clear();
        let text = toml::to_string(&card).expect("a model card can be serialised");
        let folder = scratch();
        fs::write(folder.join("model.toml"), &text).expect("the folder can be written");
        ModelCard::open(&folder).expect("the card is valid");
        put("model_card", name, text.as_bytes());
    };
    for (of, preset) in ["paper", "kneser-ney"].into_iter().enumerate() {
        let folder = scratch().join(preset);
        let card = fuzz::small_ngrams(&corpora.dialogues, &folder, preset);
        card_only(preset, &card);
        for (name, input) in Sound::of(folder, card).inputs() {
            let input = [&[of as u8], &input[..]].concat();
            put("ngram_model", &format!("{preset}-{name}"), &input);
        }
    }
    for (of, entry) in entries().into_iter().enumerate() {
        let folder = scratch();
        let card = make(entry, &corpora, &folder);
        let label = entry.id().to_string().replace('/', "-");
        card_only(&label, &card);
        let model = Sound::of(folder, card);
        for (name, input) in model.inputs() {
            assert_eq!(model.spoil(&input, ask), Some(true), "{label} {name}");
            let input = [&[of as u8], &input[..]].concat();
            put("network_model", &format!("{label}-{name}"), &input);
        }
    }
    let arpa = "\\data\\\nngram 1=4\nngram 2=2\n\n\\1-grams:\n-1.2\t<unk>\n-0.6\t<s>\t-0.3\n-0.5\tcat\t-0.1\n\
                -0.7\t</s>\n\n\\2-grams:\n-0.3\t<s> cat\n-0.2\tcat </s>\n\n\\end\\\n";
    put("arpa", "bigrams", arpa.as_bytes());
    let pruned = "A remark\n\\data\\\r\nngram  1= 4\r\nngram 2=1\nngram 3=1\n\\1-grams:\n-1.2 <UNK> -0.2\n-99 <s> -0.3\n-0.5 cat 0.1\n\
                  -0.7 </s>\n\n\\2-grams:\n-0.4 <s> cat -1e-1\n\n\\3-grams:\n-0.3 <s> cat </s>\n\\end\\\n";
    put("arpa", "pruned", pruned.as_bytes());
    // The first byte chooses order and smoothing: see the target.
    for (name, first, text) in [
        (
            "srilm",
            1,
            "<s> cat\t2\ncat </s>\t2\n<s>\t2\ncat\t2\n</s>\t2\n",
        ),
        (
            "books",
            6,
            "a cat sat\t1999\t3\t1\na cat sat\t2000\t4\t1\na_DET cat\t2000\t4\t1\n",
        ),
        ("books-2020", 2, "a cat sat\t1999,3,1\t2000,4,1\n"),
    ] {
        put("counts", name, &[&[first], text.as_bytes()].concat());
    }
    put(
        "word_vectors",
        "text",
        b"2 3\ncat 0.5 1.0 -2e-3 \ndog 1 0 0 \n",
    );
    let numbers: Vec<u8> = [0.5_f32, -1.0]
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    put(
        "word_vectors",
        "binary",
        &[b"1 2\ncat ", &numbers[..], b"\n"].concat(),
    );
    put(
        "word_vectors",
        "glove",
        b"cat 0.5 1.0\nnew york 1e-05 nan\n",
    );
    put(
        "word_vectors",
        "fasttext",
        include_bytes!("../../word2vec/tests/golden/fasttext.bin"),
    );
    let header = br#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    let length = (header.len() as u64).to_le_bytes();
    put(
        "weights",
        "vector",
        &[&length[..], &header[..], &numbers[..]].concat(),
    );

    for (at, (name, read)) in READERS.into_iter().enumerate() {
        let (path, content) = of_run(Path::new(&run), name);
        assert!(read(&path), "{name}");
        let input = [&[at as u8], &content[..]].concat();
        put("run_records", &name.replace('/', "-"), &input);
    }
    for (name, text) in [
        (
            "analogies",
            ": capitals\nathens greece oslo norway\n\n: gram1\ncalm calmly rare rarely\n",
        ),
        ("similarity", "tiger\tcat\t7.35\nbook\tpaper\t7.46\n"),
        ("table", "# human\nlove sex 6.77\n"),
    ] {
        let path = scratch().join("test");
        fs::write(&path, text).expect("the folder can be written");
        assert!(word_test(&path), "{name}");
        put("word_tests", name, text.as_bytes());
    }
    for (name, text) in [
        ("time", "90s"),
        ("tokens", "tokens=5M"),
        ("epochs", "epochs=1.5"),
    ] {
        put("command_line", name, &[&[0], text.as_bytes()].concat());
    }
    for (label, text) in [
        ("ngram/stupid-backoff", "order=4\nalpha=0.4\nscores=raw"),
        ("word2vec/skip-gram", "dimension=64\nwindow=3\nthreads=1"),
        ("word2vec/cbow-lm", "dimension=64"),
        (
            "seq2seq/lstm",
            "training.learning_rate=1e-3\ncompute.precision=f32",
        ),
        ("seq2seq/reversed", "attention=true"),
        ("chatbot/replies", "dropout=0.2"),
        ("transformer/decoder", "dropout=0.2\npositions=rotary"),
        ("transformer/encoder-decoder", "compute.device=cuda:1"),
    ] {
        let entries = ERAS.entries();
        let at = entries.iter().position(|entry| entry.id().label() == label);
        let at = at.expect("the entry is in the list") as u8 + 1;
        let name = label.replace('/', "-");
        put("command_line", &name, &[&[at], text.as_bytes()].concat());
    }
}

/// A file of a run or of one of its entries, copied to where its reader expects it; tables and lists are truncated.
fn of_run(run: &Path, name: &str) -> (PathBuf, Vec<u8>) {
    let files = files_of(run);
    let of_entry = format!("/{name}");
    let own = files.iter().find(|(found, _)| found == name);
    // The largest one, because those of baselines may be empty.
    let of_entries = files.iter().filter(|(found, _)| found.ends_with(&of_entry));
    let found = own.or_else(|| of_entries.max_by_key(|(_, content)| content.len()));
    let (_, content) = found.unwrap_or_else(|| panic!("{name} is not in the run"));
    let content = match name.rsplit('.').next() {
        Some("csv") => {
            let lines = content.split_inclusive(|&byte| byte == b'\n');
            lines.take(4).flatten().copied().collect()
        }
        Some("f32") => content[..16].to_vec(),
        _ => content.clone(),
    };
    let path = scratch().join(name);
    fs::create_dir_all(path.parent().unwrap_or(run)).expect("the folder can be written");
    fs::write(&path, &content).expect("the folder can be written");
    (path, content)
}

/// A text in each supported compression.
fn packed(text: &[u8]) -> [(&'static str, Vec<u8>); 3] {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text).expect("memory can be written");
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(text.len() as u64);
    let added = tar.append_data(&mut header, "train.txt", text);
    added.expect("memory can be written");
    [
        ("gzip", gzip.finish().expect("memory can be written")),
        (
            "zstandard",
            zstd::encode_all(text, 3).expect("memory can be written"),
        ),
        ("tar", tar.into_inner().expect("memory can be written")),
    ]
}
