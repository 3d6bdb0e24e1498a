//! What a decoder need not compute again.

use tch::Tensor;

/// Keys and values of what was read so far.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    /// Each [batch, heads, room, D / heads], of which the first `length` places are filled; none before the first token.
    kept: Option<(Tensor, Tensor)>,
    pub(crate) length: i64,
    /// The last key before it was mixed with the one before: [batch, 1, D].
    pub(crate) last: Option<Tensor>,
}

/// Places that a cache has room for at first; when they are full, it gets twice as many.
const ROOM: i64 = 64;

impl Cache {
    /// Adds keys and values, each [batch, heads, new, D / heads]; returns all of them.
    pub(crate) fn append(&mut self, keys: &Tensor, values: &Tensor) -> (Tensor, Tensor) {
        let (from, length) = (self.length, self.length + keys.size()[2]);
        let room = self.kept.as_ref().map_or(0, |kept| kept.0.size()[2]);
        if length > room {
            let room = length.max(2 * room).max(ROOM);
            let (old_keys, old_values) = match self.kept.take() {
                None => (None, None),
                Some((keys, values)) => (Some(keys), Some(values)),
            };
            let wider = |old: Option<Tensor>, like: &Tensor| {
                let (batch, heads, _, depth) = like.size4().expect("[batch, heads, new, depth]");
                let wide =
                    like.new_empty([batch, heads, room, depth], (like.kind(), like.device()));
                if let Some(old) = old {
                    wide.narrow(2, 0, from).copy_(&old.narrow(2, 0, from));
                }
                wide
            };
            self.kept = Some((wider(old_keys, keys), wider(old_values, values)));
        }
        self.length = length;
        let (all_keys, all_values) = self.kept.as_ref().expect("room was made above");
        let fill = |all: &Tensor, new: &Tensor| {
            all.narrow(2, from, length - from).copy_(new);
            all.narrow(2, 0, length)
        };
        (fill(all_keys, keys), fill(all_values, values))
    }

    /// From now on row i is what row `rows[i]` was.
    pub(crate) fn select(&mut self, rows: &Tensor) {
        if let Some((keys, values)) = &mut self.kept {
            *keys = keys.index_select(0, rows);
            *values = values.index_select(0, rows);
        }
        if let Some(last) = &mut self.last {
            *last = last.index_select(0, rows);
        }
    }
}
