//! The style of charts and page: the palette, one font, one set of sizes.
//!
//! The colours of the first eras are Okabe and Ito's, which people with any kind of colour vision can distinguish.

use std::sync::OnceLock;

use plotters::style::text_anchor::Pos;
use plotters::style::{
    BLACK, Color, FontDesc, FontFamily, FontStyle, RGBColor, ShapeStyle, TextStyle, register_font,
};

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use crate::error::{Error, Result};

/// Registered with plotters under this whole name, so that an SVG names what a browser may use instead.
const FONT: &str = "DejaVu Sans, Verdana, sans-serif";

/// plotters' font size over the size of an em.
pub(crate) const POINTS_PER_EM: f64 = 1.24;

/// Pixels drawn per pixel shown, in both backends; makes bitmaps crisp and lines in an SVG smooth.
pub(crate) const SCALE: u32 = 3;

/// Size of all text in charts, in shown pixels.
pub(crate) const TEXT: f64 = 13.0;

/// A little more than the mean width of a column of that size; letters of Chinese take two columns.
pub(crate) const CHARACTER: f64 = 7.6;

/// Width of a chart on a page or screen.
pub(crate) const WIDE: u32 = 760;

/// Width of a chart on a phone.
pub(crate) const NARROW: u32 = 360;

/// Text, and the oracle.
pub(crate) const INK: RGBColor = RGBColor(0x1F, 0x23, 0x28);
/// Text of lesser weight.
pub(crate) const QUIET: RGBColor = RGBColor(0x59, 0x63, 0x6E);
/// Lines behind the data.
pub(crate) const GRID: RGBColor = RGBColor(0xD1, 0xD9, 0xE0);
/// The background.
pub(crate) const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);

/// Worse than the reference, and attention.
pub(crate) const WORSE: RGBColor = RGBColor(0xD5, 0x5E, 0x00);
/// Better than the reference.
pub(crate) const BETTER: RGBColor = RGBColor(0x00, 0x72, 0xB2);

/// Baselines.
pub(crate) const BASELINE: RGBColor = RGBColor(0x8C, 0x8C, 0x8C);
/// Eras that the record of a run does not list.
pub(crate) const UNKNOWN_ERA: RGBColor = RGBColor(0x56, 0xB4, 0xE9);

/// The colours of eras, in the order of the list of eras: five of Okabe and Ito's, and ten darker ones.
pub(crate) const PALETTE: [RGBColor; 15] = [
    RGBColor(0x00, 0x72, 0xB2),
    RGBColor(0xE6, 0x9F, 0x00),
    RGBColor(0x00, 0x9E, 0x73),
    RGBColor(0xCC, 0x79, 0xA7),
    RGBColor(0xD5, 0x5E, 0x00),
    RGBColor(0x33, 0x22, 0x88),
    RGBColor(0x11, 0x5E, 0x22),
    RGBColor(0x88, 0x22, 0x55),
    RGBColor(0x8A, 0x6D, 0x00),
    RGBColor(0x00, 0x5B, 0x70),
    RGBColor(0x8A, 0x4F, 0xD0),
    RGBColor(0x5C, 0x3A, 0x1E),
    RGBColor(0xC2, 0x18, 0xA0),
    RGBColor(0xB0, 0x10, 0x20),
    RGBColor(0x62, 0x9A, 0x10),
];

/// `#RRGGBB`, as plotters writes it into an SVG.
pub(crate) fn hex(colour: RGBColor) -> String {
    format!("#{:02X}{:02X}{:02X}", colour.0, colour.1, colour.2)
}

/// A mixture: `part` of `one`, the rest of `other`.
pub(crate) fn mix(one: RGBColor, other: RGBColor, part: f64) -> RGBColor {
    let channel = |a: u8, b: u8| (f64::from(a) * part + f64::from(b) * (1.0 - part)).round() as u8;
    RGBColor(
        channel(one.0, other.0),
        channel(one.1, other.1),
        channel(one.2, other.2),
    )
}

/// The more legible of two colours for text on a coloured background; neither changes in dark mode.
pub(crate) fn text_on(ground: RGBColor) -> RGBColor {
    let (dark, light) = (RGBColor(0x01, 0x01, 0x01), RGBColor(0xFE, 0xFE, 0xFE));
    match contrast(dark, ground) >= contrast(light, ground) {
        true => dark,
        false => light,
    }
}

/// The contrast of two colours, from 1 to 21 (Web Content Accessibility Guidelines 2.1); text needs 4.5 for
/// level AA.
pub(crate) fn contrast(one: RGBColor, other: RGBColor) -> f64 {
    let linear = |channel: u8| {
        let share = f64::from(channel) / 255.0;
        match share <= 0.03928 {
            true => share / 12.92,
            false => ((share + 0.055) / 1.055).powf(2.4),
        }
    };
    let luminance = |colour: RGBColor| {
        0.2126 * linear(colour.0) + 0.7152 * linear(colour.1) + 0.0722 * linear(colour.2)
    };
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Shown pixels as drawn ones.
pub(crate) fn px(shown: f64) -> i32 {
    (shown * f64::from(SCALE)).round() as i32
}

/// Text of the usual size.
pub(crate) fn text(colour: RGBColor) -> TextStyle<'static> {
    let size = TEXT * POINTS_PER_EM * f64::from(SCALE);
    let font = FontDesc::new(FontFamily::Name(FONT), size, FontStyle::Normal);
    TextStyle {
        font,
        color: colour.to_backend_color(),
        pos: Pos::default(),
    }
}

/// A line `width` shown pixels wide.
pub(crate) fn line(colour: RGBColor, width: f64) -> ShapeStyle {
    colour.stroke_width(px(width).max(1) as u32)
}

/// An invisible line.
pub(crate) fn no_line() -> ShapeStyle {
    BLACK.mix(0.0).into()
}

/// Hands the embedded font to plotters, once.
pub(crate) fn register_fonts() -> Result<()> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let register = || register_font(FONT, FontStyle::Normal, dejavu::sans::regular()).is_ok();
    match REGISTERED.get_or_init(register) {
        true => Ok(()),
        false => Err(Error::drawing("any", "the embedded font is refused")),
    }
}

/// How many columns a label takes.
pub(crate) fn columns_of(label: &str) -> usize {
    label.width()
}

/// At most `most` columns of a label, without characters that SVG does not allow; no letter is parted from its marks.
pub(crate) fn fit(label: &str, most: usize) -> String {
    let is_allowed = |c: &char| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}');
    let clean: String = label.chars().filter(is_allowed).collect();
    if columns_of(&clean) <= most {
        return clean;
    }
    let mut room = most.saturating_sub(1);
    let fitting = clean.graphemes(true).take_while(|letter| {
        let fits = columns_of(letter) <= room;
        room = room.saturating_sub(columns_of(letter));
        fits
    });
    fitting.chain(["…"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Channels apart, all three together.
    fn distance(one: RGBColor, other: RGBColor) -> u32 {
        let apart = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
        let sum = apart(one.0, other.0) + apart(one.1, other.1) + apart(one.2, other.2);
        sum.isqrt()
    }

    #[test]
    fn colours_of_eras_can_be_distinguished() {
        let all = [PALETTE.as_slice(), &[BASELINE, UNKNOWN_ERA, INK]].concat();
        for (at, &one) in all.iter().enumerate() {
            for &other in &all[..at] {
                let found = distance(one, other);
                assert!(found >= 60, "{} and {}: {found}", hex(one), hex(other));
            }
        }
    }

    #[test]
    fn further_colours_are_legible_on_white() {
        // What the guidelines ask of charts.
        for &colour in &PALETTE[5..] {
            let found = contrast(colour, PAPER);
            assert!(found >= 3.0, "{}: {found:.2}", hex(colour));
        }
    }

    #[test]
    fn long_labels_are_truncated_and_control_characters_removed() {
        assert_eq!(fit("ngram/kneser-ney", 8), "ngram/k…");
        assert_eq!(fit("a\u{1}\nb\u{FFFF}", 8), "ab");
        // A letter of Chinese takes two columns, a vowel sign of Thai none.
        assert_eq!(fit("国王国王", 8), "国王国王");
        assert_eq!(fit("国王国王国", 8), "国王国…");
        assert_eq!(fit("พี่พี่พี่", 3), "พี่พี่พี่");
        assert_eq!(fit("พี่พี่พี่", 2), "พี่…");
    }

    #[test]
    fn contrast_meets_the_guidelines() {
        assert!((contrast(RGBColor(0, 0, 0), PAPER) - 21.0).abs() < 1e-9);
        // A grey that is widely quoted as the lightest that passes on white.
        let found = contrast(RGBColor(0x76, 0x76, 0x76), PAPER);
        assert!((found - 4.54).abs() < 0.005, "{found}");
    }

    #[test]
    fn text_can_be_read_on_every_colour_of_a_heat_map() {
        for end in [WORSE, BETTER] {
            for part in 0..=100 {
                let ground = mix(end, RGBColor(0xF4, 0xF4, 0xF4), f64::from(part) / 100.0);
                let found = contrast(text_on(ground), ground);
                assert!(found >= 4.5, "{}: {found:.2}", hex(ground));
            }
        }
    }
}
