//! JSON objects: one per line, or the elements of one array that is the whole file.

use std::fmt;

use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::Result;
use crate::read::lines::Lines;
use crate::read::rows::LineBytes;

/// An object of a file.
pub(crate) type Object = Map<String, Value>;

/// Calls `visit` with what `parse` makes of each object of a text; blank lines are skipped.
///
/// # Errors
/// [`crate::Error::Format`] with the line for what is no object, or where `parse` fails.
pub(crate) fn read_objects<T>(
    lines: &mut Lines<'_>,
    parse: impl Fn(&Object) -> std::result::Result<T, String>,
    mut visit: impl FnMut(T) -> Result<()>,
) -> Result<()> {
    while let Some(line) = lines.next_line()? {
        let text = line.trim();
        if text.is_empty() {
            continue;
        }
        if text.starts_with('[') {
            let first = format!("{line}\n");
            return read_array(lines, &first, &parse, &mut visit);
        }
        let object = serde_json::from_str::<Object>(text);
        let parsed = object
            .map_err(|error| format!("not a JSON object: {error}"))
            .and_then(|object| parse(&object));
        match parsed {
            Ok(parsed) => visit(parsed)?,
            Err(what) => return Err(lines.malformed(what)),
        }
    }
    Ok(())
}

fn read_array<T>(
    lines: &mut Lines<'_>,
    first: &str,
    parse: &dyn Fn(&Object) -> std::result::Result<T, String>,
    visit: &mut dyn FnMut(T) -> Result<()>,
) -> Result<()> {
    let (mut outcome, mut misfit) = (Ok(()), None);
    let mut bytes = LineBytes::after(lines, first);
    let part = bytes.part();
    // The text of an error of `visit` or `parse` is not shown.
    let stop = String::new;
    let mut each = |object: Object| {
        part.set(0);
        match parse(&object) {
            Ok(parsed) => outcome = visit(parsed),
            Err(what) => misfit = Some(what),
        }
        match outcome.is_ok() && misfit.is_none() {
            true => Ok(()),
            false => Err(stop()),
        }
    };
    let mut reader = serde_json::Deserializer::from_reader(&mut bytes);
    let elements = Elements { each: &mut each };
    let read = reader.deserialize_seq(elements).and_then(|()| reader.end());
    drop(reader);
    outcome?;
    let what = match (misfit, read) {
        (Some(what), _) => what,
        (None, Err(error)) => format!("not an array of JSON objects: {error}"),
        (None, Ok(())) => return Ok(()),
    };
    let line = bytes.number();
    Err(bytes.failure(line, what))
}

/// Reads the elements of an array one after the other.
struct Elements<'e> {
    each: &'e mut dyn FnMut(Object) -> std::result::Result<(), String>,
}

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> std::result::Result<(), A::Error> {
        while let Some(object) = elements.next_element::<Object>()? {
            (self.each)(object).map_err(serde::de::Error::custom)?;
        }
        Ok(())
    }
}

/// The objects of a sample, whose last one may be cut; none if more than a tenth of its lines are anything else.
pub(crate) fn objects_of(sample: &[String]) -> Vec<Object> {
    let text = sample.join("\n");
    let text = text.trim_start();
    let (text, array) = match text.strip_prefix('[') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    if !text.trim_start().starts_with('{') {
        return Vec::new();
    }
    if array {
        return elements_of(text);
    }
    let lines = sample.iter().filter(|line| !line.trim().is_empty());
    let parsed: Vec<Option<Object>> = lines.map(|line| serde_json::from_str(line).ok()).collect();
    let all = parsed.len();
    let objects: Vec<Object> = parsed.into_iter().flatten().collect();
    match 10 * objects.len() >= 9 * all {
        true => objects,
        false => Vec::new(),
    }
}

/// What is wrong with the lines of a sample that are meant as JSON objects, if nearly all look like it, but are none.
pub(crate) fn unread_objects(full: &[&str]) -> Option<String> {
    if let [first, second, ..] = full
        && first.trim() == "{"
        && second.trim_start().starts_with('"')
        && second.contains("\":")
    {
        return Some(
            "JSON over several lines; one JSON object a line is expected; write it with jq -c ."
                .to_owned(),
        );
    }
    let looks_like_one = |line: &&&str| {
        let inner = line.trim().strip_prefix('{');
        inner.is_some_and(|inner| inner.trim_start().starts_with('"') && inner.ends_with('}'))
    };
    if !full.first()?.trim_start().starts_with('{')
        || 10 * full.iter().filter(looks_like_one).count() < 9 * full.len()
    {
        return None;
    }
    let error = full
        .iter()
        .find_map(|line| serde_json::from_str::<Object>(line.trim()).err())?;
    Some(format!("JSON lines that cannot be read: {error}"))
}

/// The complete objects at the beginning of an array's content.
fn elements_of(mut text: &str) -> Vec<Object> {
    let mut objects = Vec::new();
    loop {
        text = text.trim_start().trim_start_matches(',').trim_start();
        let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Object>();
        match stream.next() {
            Some(Ok(object)) => objects.push(object),
            _ => return objects,
        }
        text = &text[stream.byte_offset()..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::lines::OnInvalid;

    fn values(text: &str) -> Result<Vec<u64>> {
        let mut lines = Lines::new(Box::new(text.as_bytes()), "data".into(), OnInvalid::Refuse);
        let mut values = Vec::new();
        let parse = |object: &Object| object["a"].as_u64().ok_or("no number".to_owned());
        read_objects(&mut lines, parse, |value| {
            values.push(value);
            Ok(())
        })?;
        Ok(values)
    }

    #[test]
    fn objects_stand_in_lines_or_in_an_array() {
        for text in [
            "{\"a\":1}\n\n {\"a\":2}\n",
            "[{\"a\":1},{\"a\":2}]",
            "\n[\n  {\n    \"a\": 1\n  },\n  {\"a\": 2}\n]\n",
        ] {
            assert_eq!(values(text).unwrap(), [1, 2], "{text}");
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            assert_eq!(objects_of(&lines).len(), 2, "{text}");
        }
        let cut = ["[{\"a\": 1}, {\"a\": 2}, {\"a\"".to_owned()];
        assert_eq!(objects_of(&cut).len(), 2);
    }

    #[test]
    fn lines_that_are_meant_as_objects_are_told_from_text() {
        let nan = ["{\"a\": NaN}", "{\"a\": 1}"];
        let what = unread_objects(&nan).unwrap();
        assert!(what.contains("cannot be read: expected value"), "{what}");
        let pretty = ["{", "  \"a\": 1,", "  \"b\": 2", "}"];
        let what = unread_objects(&pretty).unwrap();
        assert!(what.contains("jq -c ."), "{what}");
        for text in [&["{ curly", "{}, say"][..], &["{", "a", "}"], &["{x}"], &[]] {
            assert_eq!(unread_objects(text), None, "{text:?}");
        }
    }

    #[test]
    fn errors_name_the_line() {
        for (text, expected) in [
            ("{\"a\":1}\n[1]\n", "data, line 2: "),
            ("{\"a\":1}\nhello\n", "data, line 2: not a JSON object"),
            ("{\"a\":1}\n{\"a\":\"x\"}\n", "data, line 2: no number"),
            (
                "[{\"a\":1},\n3]\n",
                "data, line 2: not an array of JSON objects",
            ),
            ("[{\"a\":1},\n{\"a\":\"x\"}]\n", "no number"),
            ("[{\"a\":1},\n", "data, line 1: not an array"),
        ] {
            let error = values(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
