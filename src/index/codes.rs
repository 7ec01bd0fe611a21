//! TEMPORARY scalar stand-in until the graph branch lands.
use super::stored::Stored;
use crate::error::Result;
use crate::kernel::Simd;
use std::ops::Range;
pub(crate) struct Codes<S> {
    codes: S,
    scales: S,
    stride: usize,
    #[allow(dead_code)]
    rows: usize,
}
pub(crate) struct CodedQuery {
    codes: Vec<i8>,
    scale: f32,
    residual: f32,
}
fn quant(x: &[f32]) -> (Vec<i8>, f32, f32) {
    let scale = x.iter().fold(0.0f32, |a, b| a.max(b.abs())) / 127.0;
    let c: Vec<i8> = x.iter().map(|v| if scale > 0.0 { (v / scale).round() as i8 } else { 0 }).collect();
    let r = x.iter().zip(&c).map(|(x, &c)| (x - scale * f32::from(c)).powi(2)).sum::<f32>().sqrt();
    (c, scale, r)
}
impl CodedQuery {
    pub(crate) fn new(x: &[f32]) -> Self {
        let (codes, scale, residual) = quant(x);
        Self { codes, scale, residual }
    }
    pub(crate) fn residual(&self) -> f32 {
        self.residual
    }
}
impl<S: Stored> Codes<S> {
    pub(crate) fn new(codes: S, scales: S, dimension: usize, rows: usize) -> Option<Self> {
        let stride = dimension.next_multiple_of(64);
        (codes.len() == rows * stride && scales.len() == 4 * rows).then_some(Self { codes, scales, stride, rows })
    }
    pub(crate) fn row(&self, row: u32) -> Result<&[u8]> {
        let r = row as usize * self.stride;
        self.codes.read(r..r + self.stride)
    }
    pub(crate) fn scale(&self, row: u32) -> Result<f32> {
        let r = 4 * row as usize;
        Ok(f32::from_le_bytes(self.scales.read(r..r + 4)?.try_into().unwrap_or_default()))
    }
    pub(crate) fn scores(&self, simd: Simd, q: &CodedQuery, rows: Range<usize>, out: &mut [f32]) -> Result<()> {
        let rows: Vec<u32> = rows.map(|r| r as u32).collect();
        self.scores_of(simd, q, &rows, out)
    }
    pub(crate) fn scores_of(&self, _: Simd, q: &CodedQuery, rows: &[u32], out: &mut [f32]) -> Result<()> {
        for (o, &r) in out.iter_mut().zip(rows) {
            let dot: i32 = self.row(r)?.iter().zip(&q.codes).map(|(&a, &b)| (i32::from(a) - 128) * i32::from(b)).sum();
            *o = dot as f32 * q.scale * self.scale(r)?;
        }
        Ok(())
    }
}
pub(crate) struct CodesBuffer {
    stride: usize,
    codes: Vec<u8>,
    scales: Vec<u8>,
    residual: f32,
}
impl CodesBuffer {
    pub(crate) fn new(dimension: usize) -> Self {
        Self { stride: dimension.next_multiple_of(64), codes: vec![], scales: vec![], residual: 0.0 }
    }
    pub(crate) fn push(&mut self, x: &[f32]) {
        let (c, s, r) = quant(x);
        let n = self.codes.len() + self.stride;
        self.codes.extend(c.iter().map(|&c| (i32::from(c) + 128) as u8));
        self.codes.resize(n, 128);
        self.scales.extend(s.to_le_bytes());
        self.residual = self.residual.max(r);
    }
    pub(crate) fn push_code(&mut self, row: &[u8], scale: f32, residual: f32) {
        self.codes.extend_from_slice(row);
        self.scales.extend(scale.to_le_bytes());
        self.residual = self.residual.max(residual);
    }
    pub(crate) fn codes(&self) -> &[u8] {
        &self.codes
    }
    pub(crate) fn scales(&self) -> &[u8] {
        &self.scales
    }
    pub(crate) fn residual(&self) -> f32 {
        self.residual
    }
    pub(crate) fn view(&self) -> &Self {
        self
    }
}
