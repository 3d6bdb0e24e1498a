//! Text in bitmaps: a dot replaces a character that the embedded font lacks. In an SVG the fonts of the reader show it.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef};
use plotters::prelude::BitMapBackend;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};

/// Replaces a character that cannot be drawn.
const DOT: char = '·';

/// A backend for bitmaps that draws only characters of the embedded font.
pub(super) struct Legible<'a>(pub(super) BitMapBackend<'a>);

type Outcome<'a> = Result<(), DrawingErrorKind<<BitMapBackend<'a> as DrawingBackend>::ErrorType>>;

impl<'a> DrawingBackend for Legible<'a> {
    type ErrorType = <BitMapBackend<'a> as DrawingBackend>::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.0.get_size()
    }

    fn ensure_prepared(&mut self) -> Outcome<'a> {
        self.0.ensure_prepared()
    }

    fn present(&mut self) -> Outcome<'a> {
        self.0.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, colour: BackendColor) -> Outcome<'a> {
        self.0.draw_pixel(point, colour)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Outcome<'a> {
        self.0.draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Outcome<'a> {
        self.0.draw_rect(upper_left, bottom_right, style, fill)
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        at: BackendCoord,
    ) -> Outcome<'a> {
        self.0.draw_text(&legible(text), style, at)
    }
}

/// The text with a dot for each character that the font lacks.
fn legible(text: &str) -> String {
    static GLYPHS: LazyLock<Option<FontRef<'static>>> =
        LazyLock::new(|| FontRef::try_from_slice(dejavu::sans::regular()).ok());
    let has = |character| {
        let font = GLYPHS.as_ref();
        font.is_none_or(|font| font.glyph_id(character).0 != 0)
    };
    let shown = text
        .chars()
        .map(|character| if has(character) { character } else { DOT });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_missing_in_the_font_become_dots() {
        assert_eq!(
            legible("Straße, дом, οίκος, بيت"),
            "Straße, дом, οίκος, بيت"
        );
        assert_eq!(legible("家 house 집"), "· house ·");
    }
}
