//! Sentence pairs in TMX, the format of translation memories: `<tu>` with a `<tuv xml:lang="..."><seg>` for each language.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::error::Result;
use crate::read::languages::choose;
use crate::read::lines::Lines;
use crate::read::rows::{LineBytes, one_line};

/// Elements of a segment whose content is codes of another program, not text.
const CODES: [&str; 5] = ["bpt", "ept", "it", "ph", "ut"];

/// Calls `visit` with the two sides of each unit that has both; returns how many have not.
pub(crate) fn read_tmx(
    lines: &mut Lines<'_>,
    languages: &(String, String),
    visit: &mut dyn FnMut(&str, &str) -> Result<()>,
) -> Result<u64> {
    let mut reader = Reader::from_reader(LineBytes::new(lines));
    reader.config_mut().allow_dangling_amp = true;
    let (mut unit, mut buffer) = (Unit::default(), Vec::new());
    let (mut depth, mut incomplete) = (0_u64, 0);
    loop {
        buffer.clear();
        let event = match reader.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(error) => {
                let bytes = reader.get_mut();
                let line = bytes.number();
                return Err(bytes.failure(line, format!("not valid TMX: {error}")));
            }
        };
        match event {
            Event::Start(start) => {
                depth += 1;
                unit.start(&start);
            }
            Event::Text(text) => unit.text(&text.xml10_content()),
            Event::CData(text) => unit.text(&text.xml10_content()),
            Event::GeneralRef(reference) => unit.reference(&reference),
            Event::End(end) => {
                depth -= 1;
                if !unit.end(end.local_name().into_inner()) {
                    continue;
                }
                reader.get_mut().begin_part();
                match unit.sides(languages) {
                    Some((source, target)) => visit(&source, &target)?,
                    None => incomplete += 1,
                }
            }
            Event::Eof if depth > 0 => {
                let what = "the text ends within an element; get the file again".to_owned();
                let bytes = reader.get_mut();
                let line = bytes.number();
                return Err(bytes.failure(line, what));
            }
            Event::Eof => return Ok(incomplete),
            _ => {}
        }
    }
}

/// Segments of the unit that is being read.
#[derive(Debug, Default)]
struct Unit {
    /// Languages with their segments.
    segments: Vec<(String, String)>,
    in_segment: bool,
    /// Depth within elements whose content is no text.
    codes: usize,
}

impl Unit {
    fn start(&mut self, element: &BytesStart<'_>) {
        match element.local_name().into_inner() {
            "tu" => self.segments.clear(),
            "tuv" => self.segments.push((language_of(element), String::new())),
            "seg" => (self.in_segment, self.codes) = (true, 0),
            name if CODES.contains(&name) => self.codes += 1,
            _ => {}
        }
    }

    /// Ends an element; returns whether it is the unit.
    fn end(&mut self, name: &str) -> bool {
        match name {
            "seg" => self.in_segment = false,
            name if CODES.contains(&name) => self.codes = self.codes.saturating_sub(1),
            _ => {}
        }
        name == "tu"
    }

    fn text(&mut self, text: &str) {
        if let Some((_, segment)) = self.segments.last_mut()
            && self.in_segment
            && self.codes == 0
        {
            segment.push_str(text);
        }
    }

    fn reference(&mut self, reference: &BytesRef<'_>) {
        let name = reference.xml10_content();
        let letter = match &*name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => reference.resolve_char_ref().ok().flatten(),
        };
        match letter {
            Some(letter) => self.text(letter.encode_utf8(&mut [0; 4])),
            // Entities of a document type are not read: they are left as they are written.
            None => self.text(&format!("&{name};")),
        }
    }

    /// The two sides, each as a line.
    fn sides(&self, languages: &(String, String)) -> Option<(String, String)> {
        let found: Vec<&str> = self
            .segments
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        let side = |asked: &str| {
            let name = choose(asked, &found)?;
            let segment = self
                .segments
                .iter()
                .find(|(language, _)| language == name)?;
            Some(one_line(&segment.1))
        };
        Some((side(&languages.0)?, side(&languages.1)?))
    }
}

/// `xml:lang`, or `lang` as in TMX before version 1.4.
fn language_of(element: &BytesStart<'_>) -> String {
    let mut attributes = element.attributes().flatten();
    let language = attributes.find(|attribute| attribute.key.local_name().into_inner() == "lang");
    language.map_or_else(String::new, |attribute| attribute.value.trim().to_owned())
}

/// The languages of the units of a sample, in order of appearance; the source language of the header stands first.
pub(crate) fn languages_of(sample: &[String]) -> Vec<String> {
    let text = sample.join("\n");
    let mut found: Vec<String> = Vec::new();
    for element in text.split("<tuv").skip(1) {
        let tag = element.split('>').next().unwrap_or_default();
        if let Some(language) = attribute(tag, "lang")
            && !found.contains(&language)
        {
            found.push(language);
        }
    }
    let source = attribute(&text, "srclang");
    let source = source.and_then(|source| {
        let names: Vec<&str> = found.iter().map(String::as_str).collect();
        choose(&source, &names).map(str::to_owned)
    });
    if let Some(at) = source.and_then(|source| found.iter().position(|name| *name == source)) {
        found[..=at].rotate_right(1);
    }
    found
}

/// The value of the first attribute of this name.
fn attribute(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("{name}="))?;
    let quote = rest
        .chars()
        .next()
        .filter(|quote| ['"', '\''].contains(quote))?;
    Some(rest[1..].split(quote).next()?.trim().to_owned())
}

/// Whether a text is TMX, by its first lines.
pub(crate) fn is_tmx(sample: &[String]) -> bool {
    let first = sample.iter().find(|line| !line.trim().is_empty());
    first.is_some_and(|line| line.trim_start().starts_with('<'))
        && sample.iter().take(50).any(|line| line.contains("<tmx"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::lines::OnInvalid;

    const MEMORY: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<!DOCTYPE tmx SYSTEM \"tmx14.dtd\">
<tmx version=\"1.4\"><header srclang=\"de-DE\"/><body>
<tu><tuv xml:lang=\"EN\"><seg>A cat &amp; a dog</seg></tuv><tuv xml:lang=\"de-DE\"><note>n</note><seg>Katze &#38; <bpt i=\"1\">&lt;b&gt;</bpt>Hund</seg></tuv></tu>
<tu>
  <tuv xml:lang=\"EN\"><seg>two
lines</seg></tuv>
  <tuv lang='de-DE'><seg><![CDATA[<zwei>]]></seg></tuv>
</tu>
<tu><tuv xml:lang=\"EN\"><seg>alone</seg></tuv></tu>
<tu><tuv xml:lang=\"EN\"><seg>empty</seg></tuv><tuv xml:lang=\"de-DE\"><seg/></tuv></tu>
</body></tmx>\n";

    fn pairs(text: &str) -> Result<(Vec<[String; 2]>, u64)> {
        let mut lines = Lines::new(
            Box::new(text.as_bytes()),
            "memory".into(),
            OnInvalid::Refuse,
        );
        let mut pairs = Vec::new();
        let languages = ("de".to_owned(), "en".to_owned());
        let incomplete = read_tmx(&mut lines, &languages, &mut |source, target| {
            pairs.push([source.to_owned(), target.to_owned()]);
            Ok(())
        })?;
        Ok((pairs, incomplete))
    }

    #[test]
    fn units_with_both_languages_are_pairs() {
        let (found, incomplete) = pairs(MEMORY).unwrap();
        let expected = [
            ["Katze & Hund", "A cat & a dog"],
            ["<zwei>", "two lines"],
            ["", "empty"],
        ];
        assert_eq!(found, expected);
        assert_eq!(incomplete, 1);
    }

    #[test]
    fn the_sample_shows_the_languages() {
        let lines: Vec<String> = MEMORY.lines().map(str::to_owned).collect();
        assert!(is_tmx(&lines));
        assert_eq!(languages_of(&lines), ["de-DE", "EN"]);
        assert!(!is_tmx(&["a <tmx>".to_owned()]));
    }

    #[test]
    fn damage_is_an_error_with_its_line() {
        for text in [
            "<tmx><body><tu>\n</tuv></tu>\n",
            "<tmx><body><tu>\n<tuv xml:lang=\"de\n",
        ] {
            let error = pairs(text).unwrap_err().to_string();
            assert!(
                error.starts_with("memory, line 2: not valid TMX"),
                "{error}"
            );
        }
        let cut = &MEMORY[..MEMORY.len() - 20];
        assert!(pairs(cut).is_err());
    }
}
