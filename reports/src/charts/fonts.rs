//! Fonts and lines of text: cosmic-text joins letters, sets them in the direction of their script, and takes those that the embedded
//! font lacks from the fonts of the system.

use std::sync::{LazyLock, Mutex};

use cosmic_text::{
    Attrs, AttrsList, BufferLine, CacheKeyFlags, Ellipsize, Family, FontSystem, Hinting,
    LayoutLine, LineEnding, Shaping, SwashCache, SwashContent, Wrap, fontdb,
};

use super::coarse::{self, MissingLetters};

/// The family of the embedded font.
const EMBEDDED: &str = "DejaVu Sans";
/// Its height of lower-case letters over its size, which an SVG calls ex.
pub(super) const EX: f32 = 0.547;

/// Loading fonts takes time, so they are loaded once.
pub(super) static FONTS: LazyLock<Mutex<Fonts>> = LazyLock::new(|| Mutex::new(Fonts::embedded()));

/// A line of text, drawn from its left end on the baseline.
pub(super) struct Picture {
    /// From end to end, in pixels.
    pub(super) width: f32,
    /// Everything that is not blank.
    pub(super) dots: Vec<Dot>,
}

/// A pixel that a letter covers in part or in whole.
pub(super) struct Dot {
    pub(super) x: i32,
    /// Downwards from the baseline.
    pub(super) y: i32,
    /// The part that is covered.
    pub(super) cover: f64,
    /// The colour, if the letter has one of its own, as emoji do.
    pub(super) colour: Option<(u8, u8, u8)>,
}

/// The embedded font, and the system's once they are needed.
pub(super) struct Fonts {
    fonts: FontSystem,
    images: SwashCache,
    has_those_of_system: bool,
}

impl Fonts {
    fn embedded() -> Fonts {
        let mut all = fontdb::Database::new();
        all.load_font_data(dejavu::sans::regular().to_vec());
        Fonts {
            // The same picture in every locale.
            fonts: FontSystem::new_with_locale_and_db("en".to_owned(), all),
            images: SwashCache::new(),
            has_those_of_system: false,
        }
    }

    /// Draws a line, and notes the letters that no font has.
    pub(super) fn draw(&mut self, text: &str, size: f32, missing: &mut MissingLetters) -> Picture {
        // cosmic-text takes one paragraph at a time.
        let text = text.replace(|c: char| c.is_control() || c == '\u{2029}', " ");
        let Some(mut line) = self.shape(&text, size) else {
            return Picture {
                width: 0.0,
                dots: Vec::new(),
            };
        };
        if !self.has_those_of_system && has_gaps(&line) {
            self.fonts.db_mut().load_system_fonts();
            self.has_those_of_system = true;
            line = self.shape(&text, size).unwrap_or(line);
        }
        if has_gaps(&line) {
            coarse::fill(&text, &mut line, size, missing, |line| self.dots(line))
        } else {
            Picture {
                width: line.w,
                dots: self.dots(&line),
            }
        }
    }

    /// The letters from left to right; none of an empty text.
    fn shape(&mut self, text: &str, size: f32) -> Option<LayoutLine> {
        let style = Attrs::new()
            .family(Family::Name(EMBEDDED))
            .cache_key_flags(CacheKeyFlags::DISABLE_HINTING);
        let mut line = BufferLine::new(
            text,
            LineEnding::None,
            AttrsList::new(&style),
            Shaping::Advanced,
        );
        let lines = line.layout(
            &mut self.fonts,
            size,
            None,
            Wrap::None,
            Ellipsize::None,
            None,
            1,
            Hinting::Disabled,
        );
        lines.first().cloned()
    }

    fn dots(&mut self, line: &LayoutLine) -> Vec<Dot> {
        let mut dots = Vec::new();
        for glyph in &line.glyphs {
            let glyph = glyph.physical((0.0, 0.0), 1.0);
            let image = self.images.get_image(&mut self.fonts, glyph.cache_key);
            let Some(image) = image else { continue };
            let (left, top) = (image.placement.left, image.placement.top);
            let bytes = match image.content {
                SwashContent::Mask => 1,
                SwashContent::Color | SwashContent::SubpixelMask => 4,
            };
            for (at, pixel) in (0..).zip(image.data.chunks_exact(bytes)) {
                let (cover, colour) = match *pixel {
                    [cover] => (cover, None),
                    [red, green, blue, cover] => (cover, Some((red, green, blue))),
                    _ => continue,
                };
                if cover > 0 {
                    let width = image.placement.width as i32;
                    dots.push(Dot {
                        x: glyph.x + left + at % width,
                        y: glyph.y - top + at / width,
                        cover: f64::from(cover) / 255.0,
                        colour,
                    });
                }
            }
        }
        dots
    }
}

/// Whether no font has some of the letters.
fn has_gaps(line: &LayoutLine) -> bool {
    line.glyphs.iter().any(|glyph| glyph.glyph_id == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: f32 = 39.0;

    /// Drawn with the embedded font alone, whatever fonts this machine has.
    fn drawn(text: &str) -> (Picture, MissingLetters) {
        let mut fonts = Fonts {
            has_those_of_system: true,
            ..Fonts::embedded()
        };
        let mut missing = MissingLetters::default();
        let picture = fonts.draw(text, SIZE, &mut missing);
        (picture, missing)
    }

    /// How much of the ink of a text stands in its left half.
    fn left_half(text: &str) -> f64 {
        let picture = drawn(text).0;
        let all: f64 = picture.dots.iter().map(|dot| dot.cover).sum();
        let left = picture
            .dots
            .iter()
            .filter(|dot| (dot.x as f32) < picture.width / 2.0);
        left.map(|dot| dot.cover).sum::<f64>() / all
    }

    #[test]
    fn scripts_have_their_direction() {
        // Small letters, then a large one: where the line ends, there is more ink.
        for (text, is_left) in [("....W", false), ("ייייש", true), ("ددددس", true)] {
            let left = left_half(text);
            assert_eq!(left > 0.5, is_left, "{text}: {left}");
            assert!((left - 0.5).abs() > 0.03, "{text}: {left}");
        }
        // A full stop stands at the left end of a sentence in Hebrew.
        let ends = |text| {
            let dots = drawn(text).0.dots;
            let low = dots.iter().filter(|dot| dot.y >= -4);
            low.map(|dot| dot.x).min().unwrap()
        };
        assert!(ends("שלום .") < 15 && ends("שלום") < ends("שלום .") + 40);
    }

    #[test]
    fn letters_of_arabic_are_joined() {
        let width = |text| drawn(text).0.width;
        let apart: f32 = ["ب", "ي", "ت"].map(width).iter().sum();
        assert!(width("بيت") < 0.9 * apart, "{} {apart}", width("بيت"));
        // A letter that does not exist in the font alone: marks stand over their letter.
        assert_eq!(width("e\u{301}"), width("e"));
    }

    #[test]
    fn letters_that_no_font_has_are_coarse_and_named() {
        let (hill, missing) = drawn("a国b");
        let advice = missing.advice().unwrap();
        assert!(
            advice.contains("Han (国)") && advice.contains("fonts-noto-cjk"),
            "{advice}"
        );
        // The letter after it has moved aside: a bitmap of 16 columns, doubled.
        assert_eq!(hill.width, drawn("ab").0.width + 32.0);
        let places = |text| -> Vec<(i32, i32)> {
            let dots = drawn(text).0.dots;
            dots.iter().map(|dot| (dot.x, dot.y)).collect()
        };
        assert_ne!(places("国"), places("王"));
        // Vowel and tone stand under and over their consonant.
        assert_eq!(drawn("งู้").0.width, drawn("ง").0.width);
        assert!(places("งู้").len() > places("ง").len());
        // What is not in the bitmaps either is a box.
        let (_, missing) = drawn("👩");
        assert!(missing.advice().unwrap().contains("fonts-noto-color-emoji"));
    }

    #[test]
    fn what_the_font_has_needs_no_advice() {
        for text in [
            "Straße, дом, οίκος",
            "بيت שלום",
            "",
            "a\u{2029}\u{85}\tב\u{200d}",
        ] {
            assert_eq!(drawn(text).1.advice(), None, "{text}");
        }
    }
}
