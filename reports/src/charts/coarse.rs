//! Letters that no font has: they are named, and drawn from the bitmaps of GNU Unifont, which are coarse but cover most scripts.

use std::collections::{BTreeMap, BTreeSet};

use cosmic_text::{LayoutGlyph, LayoutLine};
use unicode_script::{Script, UnicodeScript};
use unicode_width::UnicodeWidthChar;

use super::fonts::{Dot, Picture};

/// Rows of a bitmap.
const ROWS: i32 = 16;
/// Rows above the baseline.
const ASCENT: i32 = 14;
/// Letters of a script that are named.
const EXAMPLES: usize = 3;

/// Letters in bitmaps that neither the embedded font nor a font of the system has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MissingLetters(BTreeSet<char>);

impl MissingLetters {
    /// Which letters they are and what helps, in a sentence; none if there are no such letters.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        let mut scripts: BTreeMap<&str, Vec<char>> = BTreeMap::new();
        let mut packages = BTreeSet::new();
        for &letter in &self.0 {
            let (script, package) = script_and_package(letter);
            scripts.entry(script).or_default().push(letter);
            packages.insert(package);
        }
        let scripts = scripts.into_iter().map(|(script, letters)| {
            let named: Vec<String> = letters.iter().take(EXAMPLES).map(char::to_string).collect();
            let more = if letters.len() > EXAMPLES { " …" } else { "" };
            format!("{script} ({}{more})", named.join(" "))
        });
        let scripts = scripts.collect::<Vec<_>>().join(", ");
        let packages = packages.into_iter().collect::<Vec<_>>().join(", ");
        (!self.0.is_empty()).then(|| {
            format!(
                "no font of this machine has letters of {scripts}: in PNG they are coarse, or boxes; install fonts (Debian's \
                 {packages}), or use SVG, which is shown with the fonts of its reader"
            )
        })
    }

    /// Adds the letters of a text; marks and blanks are not worth naming.
    fn add(&mut self, text: &str) {
        let letters = text.chars().filter(|&letter| columns(letter) > 0);
        self.0.extend(letters);
    }
}

/// The name of a letter's script, and the package of Debian that has fonts for it.
fn script_and_package(letter: char) -> (&'static str, &'static str) {
    match letter.script() {
        Script::Common | Script::Inherited => ("symbols and emoji", "fonts-noto-color-emoji"),
        script @ (Script::Bopomofo
        | Script::Han
        | Script::Hangul
        | Script::Hiragana
        | Script::Katakana) => (script.full_name(), "fonts-noto-cjk"),
        script => (script.full_name(), "fonts-noto-core"),
    }
}

/// Columns of a terminal that a character takes; none if it stands over the one before it.
fn columns(character: char) -> usize {
    character.width().unwrap_or(0)
}

/// Draws a line some of whose letters no font has, and notes these. The letters after a coarse one move aside for it.
pub(super) fn fill(
    text: &str,
    line: &mut LayoutLine,
    size: f32,
    missing: &mut MissingLetters,
    draw: impl FnOnce(&LayoutLine) -> Vec<Dot>,
) -> Picture {
    let scale = (size as i32 / ROWS).max(1);
    let mut glyphs = std::mem::take(&mut line.glyphs);
    glyphs.sort_by(|a, b| a.x.total_cmp(&b.x));
    let (mut dots, mut shift, mut last) = (Vec::new(), 0.0, None);
    for mut glyph in glyphs {
        let letters = &text[glyph.start..glyph.end];
        glyph.x += shift;
        if glyph.glyph_id != 0 {
            line.glyphs.push(glyph);
            continue;
        }
        missing.add(letters);
        if last.replace(glyph.start) == Some(glyph.start) {
            // The first glyph of the letter and its marks has drawn them all.
            shift -= glyph.w;
            continue;
        }
        match bitmaps(letters) {
            Some(bitmaps) => shift += coarse(&bitmaps, scale, &glyph, &mut dots) - glyph.w,
            // The font's box.
            None => line.glyphs.push(glyph),
        }
    }
    dots.extend(draw(line));
    Picture {
        width: line.w + shift,
        dots,
    }
}

/// The bitmaps of a letter and its marks, and whether each stands over the one before it; none if one is unknown.
fn bitmaps(letters: &str) -> Option<Vec<(&'static unifont::Glyph, bool)>> {
    let bitmap = |letter| Some((unifont::get_glyph(letter)?, columns(letter) == 0));
    letters.chars().map(bitmap).collect()
}

/// Draws bitmaps where a glyph begins, and returns their width.
fn coarse(
    bitmaps: &[(&unifont::Glyph, bool)],
    scale: i32,
    glyph: &LayoutGlyph,
    dots: &mut Vec<Dot>,
) -> f32 {
    let (mut left, mut end) = (glyph.x.round() as i32, glyph.x.round() as i32);
    for (bitmap, is_above) in bitmaps {
        let columns = bitmap.get_width() as i32;
        if !is_above {
            left = end;
            end += columns * scale;
        }
        let cells = (0..ROWS).flat_map(|row| (0..columns).map(move |column| (row, column)));
        let inked = cells.filter(|&(row, column)| bitmap.get_pixel(column as usize, row as usize));
        for (row, column) in inked {
            let pixels = (0..scale).flat_map(|y| (0..scale).map(move |x| (x, y)));
            dots.extend(pixels.map(|(x, y)| Dot {
                x: left + column * scale + x,
                y: (row - ASCENT) * scale + y,
                cover: 1.0,
                colour: None,
            }));
        }
    }
    (end - glyph.x.round() as i32) as f32
}
