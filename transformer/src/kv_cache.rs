//! Keys and values of earlier positions, for incremental decoding.

use tch::Tensor;

/// Keys and values of one layer.
#[derive(Debug, Default)]
pub(crate) struct KvCache {
    /// Each [batch, heads, capacity, D / heads], filled up to `length`; `None` before the first token.
    buffers: Option<(Tensor, Tensor)>,
    pub(crate) length: i64,
    /// The last key before mixing, with `mixed_keys`: [batch, 1, D].
    pub(crate) last_key: Option<Tensor>,
}

/// Initial capacity; it doubles when the cache is full.
const INITIAL_CAPACITY: i64 = 64;

impl KvCache {
    /// Appends keys and values, each [batch, heads, new, D / heads]; returns all cached ones.
    pub(crate) fn append(&mut self, keys: &Tensor, values: &Tensor) -> (Tensor, Tensor) {
        let (from, length) = (self.length, self.length + keys.size()[2]);
        let capacity = self
            .buffers
            .as_ref()
            .map_or(0, |buffers| buffers.0.size()[2]);
        if length > capacity {
            let capacity = length.max(2 * capacity).max(INITIAL_CAPACITY);
            let (old_keys, old_values) = match self.buffers.take() {
                None => (None, None),
                Some((keys, values)) => (Some(keys), Some(values)),
            };
            let grow = |old: Option<Tensor>, like: &Tensor| {
                let (batch, heads, _, depth) = like.size4().expect("[batch, heads, new, depth]");
                let buffer = like.new_empty(
                    [batch, heads, capacity, depth],
                    (like.kind(), like.device()),
                );
                if let Some(old) = old {
                    buffer.narrow(2, 0, from).copy_(&old.narrow(2, 0, from));
                }
                buffer
            };
            self.buffers = Some((grow(old_keys, keys), grow(old_values, values)));
        }
        self.length = length;
        let (all_keys, all_values) = self.buffers.as_ref().expect("allocated above");
        let fill = |all: &Tensor, new: &Tensor| {
            all.narrow(2, from, length - from).copy_(new);
            all.narrow(2, 0, length)
        };
        (fill(all_keys, keys), fill(all_values, values))
    }

    /// Reorders rows: row i becomes the former row `rows[i]`.
    pub(crate) fn select(&mut self, rows: &Tensor) {
        if let Some((keys, values)) = &mut self.buffers {
            *keys = keys.index_select(0, rows);
            *values = values.index_select(0, rows);
        }
        if let Some(last) = &mut self.last_key {
            *last = last.index_select(0, rows);
        }
    }
}
