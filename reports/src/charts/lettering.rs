//! A backend for bitmaps that draws text itself, where plotters would set letter by letter from the left, in one font.

use std::sync::PoisonError;

use plotters::prelude::BitMapBackend;
use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};

use super::coarse::MissingLetters;
use super::fonts::{EX, FONTS};
use crate::style::POINTS_PER_EM;

/// A backend for bitmaps that draws text in every script.
pub(super) struct Lettering<'a> {
    /// What is drawn on.
    pub(super) bitmap: BitMapBackend<'a>,
    /// Letters that no font has.
    pub(super) missing: &'a mut MissingLetters,
}

type Outcome<'a> = Result<(), DrawingErrorKind<<BitMapBackend<'a> as DrawingBackend>::ErrorType>>;

impl<'a> DrawingBackend for Lettering<'a> {
    type ErrorType = <BitMapBackend<'a> as DrawingBackend>::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.bitmap.get_size()
    }

    fn ensure_prepared(&mut self) -> Outcome<'a> {
        self.bitmap.ensure_prepared()
    }

    fn present(&mut self) -> Outcome<'a> {
        self.bitmap.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, colour: BackendColor) -> Outcome<'a> {
        self.bitmap.draw_pixel(point, colour)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Outcome<'a> {
        self.bitmap.draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Outcome<'a> {
        self.bitmap.draw_rect(upper_left, bottom_right, style, fill)
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        at: BackendCoord,
    ) -> Outcome<'a> {
        let size = (style.size() / POINTS_PER_EM) as f32;
        let mut fonts = FONTS.lock().unwrap_or_else(PoisonError::into_inner);
        let picture = fonts.draw(text, size, self.missing);
        // As plotters places text in an SVG.
        let left = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Center => -picture.width / 2.0,
            HPos::Right => -picture.width,
        };
        let baseline = match style.anchor().v_pos {
            VPos::Top => 0.76 * size,
            VPos::Center => 0.5 * EX * size,
            VPos::Bottom => -0.5 * EX * size,
        };
        let (left, baseline) = (left.round() as i32, baseline.round() as i32);
        let BackendColor { alpha, rgb } = style.color();
        for dot in picture.dots {
            let (x, y) = style.transform().transform(left + dot.x, baseline + dot.y);
            let colour = BackendColor {
                alpha: alpha * dot.cover,
                rgb: dot.colour.unwrap_or(rgb),
            };
            self.bitmap.draw_pixel((at.0 + x, at.1 + y), colour)?;
        }
        Ok(())
    }
}
