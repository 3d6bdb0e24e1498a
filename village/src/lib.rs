//! The built-in world.

mod closed;
mod document;
mod entropy;
mod error;
#[cfg(test)]
mod exactness;
mod judge;
mod lexicon;
mod numbers;
mod oracle;
mod pairs;
mod pen;
mod phenomenon;
mod prepare;
mod settings;
mod story;
mod talk;
mod trials;
mod village;
mod world;

pub use entropy::{Entropy, Floor};
pub use error::{Error, Result};
pub use judge::VillageJudge;
pub use oracle::Oracle;
pub use pairs::{Direction, Meaning, OracleTranslator, Pair, Pairs};
pub use phenomenon::Phenomenon;
pub use prepare::{ANALOGIES, MINIMAL_PAIRS, SIMILARITIES};
pub use settings::{PRESETS, Settings, Shares};
pub use village::{VERSION, Village};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pen::Writer;
    use std::fmt::Write as _;

    #[test]
    fn dump() {
        let village = Village::new(&Settings::default()).unwrap();
        let vocab = corpus::Vocab::new(village.words().iter().map(String::as_str)).unwrap();
        let oracle = Oracle::new(village.clone(), &vocab).unwrap();
        for (name, split, size) in [("train", 0, 1_000_000), ("valid", 1, 50_000)] {
            let mut random = village.random(village::Stream::Documents(split, 0));
            let mut writer = Writer::new(&mut random);
            while writer.words.len() < size {
                village.write(&mut writer);
            }
            let ids: Vec<u32> = writer.words.iter().map(|word| u32::from(word.0)).collect();
            let began = std::time::Instant::now();
            let floor = oracle.floor(&ids).unwrap();
            println!("{:?} {:?}", began.elapsed(), floor.first_impossible);
            println!("all {:?} ppl {}", floor.all, floor.perplexity());
            for (phenomenon, entropy) in &floor.by_phenomenon {
                println!(
                    "{:10} {:.2}% {:?}",
                    phenomenon.name(),
                    100.0 * entropy.tokens as f64 / floor.all.tokens as f64,
                    entropy
                );
            }
            let began = std::time::Instant::now();
            let scores = harness::LanguageModel::score(&oracle, &ids).unwrap();
            println!("score {:?}", began.elapsed());
            let mut text = String::new();
            for ((id, tag), score) in ids.iter().zip(&writer.tags).zip(&scores) {
                let _ = writeln!(text, "{id} {tag} {score}");
            }
            std::fs::create_dir_all("/tmp/village").unwrap();
            std::fs::write(format!("/tmp/village/{name}.txt"), text).unwrap();
        }
        std::fs::write("/tmp/village/words.txt", village.words().join("\n")).unwrap();
    }
}
