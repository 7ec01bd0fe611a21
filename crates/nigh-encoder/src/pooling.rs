//! Combines the states of the tokens into one vector (Reimers & Gurevych 2019).

use super::model::Pooling;

/// Pools the states of one sequence, `[tokens, out.len()]`, into `out`; masked tokens are ignored.
pub(crate) fn pool(pooling: Pooling, states: &[f32], mask: Option<&[bool]>, out: &mut [f32]) {
    let rows = states.chunks_exact(out.len().max(1));
    let mut rows = rows.enumerate().filter(|(i, _)| mask.is_none_or(|mask| mask[*i])).map(|(_, row)| row);
    match pooling {
        Pooling::Cls => {
            if let Some(first) = rows.next() {
                out.copy_from_slice(first);
            }
        }
        Pooling::Max => {
            out.fill(f32::NEG_INFINITY);
            for row in rows {
                for (out, &x) in out.iter_mut().zip(row) {
                    *out = out.max(x);
                }
            }
        }
        Pooling::Mean | Pooling::MeanSqrtLen => {
            out.fill(0.0);
            let mut count = 0;
            for row in rows {
                count += 1;
                for (out, &x) in out.iter_mut().zip(row) {
                    *out += x;
                }
            }
            let count = count.max(1) as f32;
            let divisor = if pooling == Pooling::Mean { count } else { count.sqrt() };
            for out in out {
                *out /= divisor;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pool_gives_the_result_of_each_pooling() {
        let states = [1.0, 8.0, 3.0, 2.0, 5.0, 2.0, 90.0, 90.0];
        let mask = [true, true, true, false];
        let pooled = |pooling| {
            let mut out = [0.0; 2];
            pool(pooling, &states, Some(&mask), &mut out);
            out
        };
        assert_eq!(pooled(Pooling::Mean), [3.0, 4.0]);
        assert_eq!(pooled(Pooling::Cls), [1.0, 8.0]);
        assert_eq!(pooled(Pooling::Max), [5.0, 8.0]);
        let root = 3.0f32.sqrt();
        assert_eq!(pooled(Pooling::MeanSqrtLen), [9.0 / root, 12.0 / root]);
    }
}
