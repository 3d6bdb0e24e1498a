//! Writes sound inputs for every target, from which the search begins: `cargo run --example seeds`.

use std::fs;
use std::io::Write;
use std::path::Path;

fn main() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let put = |target: &str, name: &str, content: &[u8]| {
        let folder = corpora.join(target);
        fs::create_dir_all(&folder).expect("the folder can be written");
        fs::write(folder.join(name), content).expect("the folder can be written");
    };
    let scratch = fuzz::scratch();
    let corpus = fuzz::small_corpus(&scratch);

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
    for (at, (name, text)) in texts.iter().enumerate() {
        put("text", name, &[&[at as u8], text.as_bytes()].concat());
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

    let (side, _) = fuzz::small_pairs(&fuzz::scratch())
        .pairs()
        .expect("it has pairs");
    for (of, corpus) in [&corpus, &side].into_iter().enumerate() {
        for (at, (name, content)) in fuzz::files_of(corpus.folder()).iter().enumerate() {
            let name = format!("{of}-{}", name.replace('/', "-"));
            put(
                "prepared_corpus",
                &name,
                &[&[of as u8, at as u8], &content[..]].concat(),
            );
        }
    }
    for (of, preset) in ["paper", "kneser-ney"].into_iter().enumerate() {
        let folder = scratch.join(preset);
        fuzz::small_ngrams(&corpus, &folder, preset);
        let files = fuzz::files_of(&folder);
        for (name, content) in &files {
            if name == "model.toml" {
                put("model_card", preset, content);
            }
        }
        for (at, (name, content)) in files.iter().enumerate() {
            let name = format!("{preset}-{name}");
            put(
                "ngram_model",
                &name,
                &[&[of as u8, at as u8], &content[..]].concat(),
            );
        }
    }
    for (of, make) in [fuzz::small_cbow, fuzz::small_chatbot]
        .into_iter()
        .enumerate()
    {
        let folder = fuzz::scratch();
        make(&corpus, &folder);
        for (at, (name, content)) in fuzz::files_of(&folder).iter().enumerate() {
            put(
                "network_model",
                &format!("{of}-{name}"),
                &[&[of as u8, at as u8], &content[..]].concat(),
            );
        }
    }
    let arpa = "\\data\\\nngram 1=4\nngram 2=2\n\n\\1-grams:\n-1.2\t<unk>\n-0.6\t<s>\t-0.3\n-0.5\tcat\t-0.1\n\
                -0.7\t</s>\n\n\\2-grams:\n-0.3\t<s> cat\n-0.2\tcat </s>\n\n\\end\\\n";
    put("arpa", "bigrams", arpa.as_bytes());
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
    let header = br#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    let length = (header.len() as u64).to_le_bytes();
    put(
        "weights",
        "vector",
        &[&length[..], &header[..], &numbers[..]].concat(),
    );

    let record = "track,era,variant,training_seconds,training_tokens_per_second,training_flops,evaluation_seconds,\
                  scoring_tokens_per_second,peak_memory_bytes,model_bytes,parameters\n\
                  language-modelling,ngram,kneser-ney,1.5,2,3,4,5,6,7,8\n";
    put("run_records", "costs", &[&[3], record.as_bytes()].concat());
    let curve = "step,tokens,seconds,flops,train_loss,valid_log_prob\n1,2,3.5,4e9,,-5.5\n";
    put("run_records", "curve", &[&[4], curve.as_bytes()].concat());
    put("run_records", "state", b"\x08failed: no memory\n");
    put(
        "run_records",
        "scores",
        &[&[9], &numbers[..], &numbers[..]].concat(),
    );
    for (name, text) in [
        ("time", "90s"),
        ("tokens", "tokens=5M"),
        ("epochs", "epochs=1.5"),
        (
            "sets",
            "order=4\nalpha=0.4\ntraining.learning_rate=1e-3\nscores=raw\nwidth=64",
        ),
    ] {
        put("command_line", name, text.as_bytes());
    }
}

/// A text in each packing that readers know.
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
