//! BERT written directly from the formulas (Devlin et al. 2018, Vaswani et al. 2017), in f64, one number at a time.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use nigh::TokenInput;
use safetensors::SafeTensors;
use serde_json::Value;

/// `[rows][width]`.
type Matrix = Vec<Vec<f64>>;

pub struct ReferenceBert {
    tensors: HashMap<String, (Vec<usize>, Vec<f64>)>,
    config: Value,
    pooling: String,
    normalise: bool,
}

impl ReferenceBert {
    pub fn load(directory: &Path) -> Self {
        let json = |name: &str| -> Value { serde_json::from_slice(&fs::read(directory.join(name)).unwrap()).unwrap() };
        let bytes = fs::read(directory.join("model.safetensors")).unwrap();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let tensors = tensors.iter().map(|(name, view)| {
            let values = view.data().chunks_exact(4).map(|b| f64::from(f32::from_le_bytes(b.try_into().unwrap())));
            (name.to_owned(), (view.shape().to_vec(), values.collect()))
        });
        let modes = json("1_Pooling/config.json");
        let (pooling, _) = modes.as_object().unwrap().iter().find(|(_, set)| **set == true).unwrap();
        Self {
            tensors: tensors.collect(),
            config: json("config.json"),
            pooling: pooling.clone(),
            normalise: json("modules.json").as_array().unwrap().len() == 3,
        }
    }

    fn size(&self, name: &str) -> usize {
        self.config[name].as_u64().unwrap() as usize
    }

    fn vector(&self, name: &str) -> &[f64] {
        &self.tensors[name].1
    }

    /// Returns the embedding of a token, without position and type.
    pub fn token_embedding(&self, id: u32) -> &[f64] {
        self.row("word", id as usize)
    }

    fn row(&self, table: &str, i: usize) -> &[f64] {
        let (shape, values) = &self.tensors[&format!("embeddings.{table}_embeddings.weight")];
        assert!(i < shape[0], "{table} {i}");
        &values[i * shape[1]..(i + 1) * shape[1]]
    }

    fn linear(&self, x: &Matrix, name: &str) -> Matrix {
        let (shape, weight) = &self.tensors[&format!("{name}.weight")];
        let bias = self.vector(&format!("{name}.bias"));
        x.iter()
            .map(|x| (0..shape[0]).map(|o| bias[o] + dot(x, &weight[o * shape[1]..(o + 1) * shape[1]])).collect())
            .collect()
    }

    fn norm(&self, x: &mut Matrix, name: &str) {
        let (gain, bias) = (self.vector(&format!("{name}.weight")), self.vector(&format!("{name}.bias")));
        for x in x {
            let mean = x.iter().sum::<f64>() / x.len() as f64;
            let variance = x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / x.len() as f64;
            for (i, v) in x.iter_mut().enumerate() {
                *v = (*v - mean) / (variance + 1e-12).sqrt() * gain[i] + bias[i];
            }
        }
    }

    fn attention(&self, x: &Matrix, layer: &str, kept: &[bool]) -> Matrix {
        let [q, k, v] = ["query", "key", "value"].map(|part| self.linear(x, &format!("{layer}.attention.self.{part}")));
        let (hidden, heads) = (self.size("hidden_size"), self.size("num_attention_heads"));
        let width = hidden / heads;
        let mut out = vec![vec![0.0; hidden]; x.len()];
        for head in (0..heads).map(|head| head * width..(head + 1) * width) {
            for (query, out) in q.iter().zip(&mut out) {
                let score = |key: &Vec<f64>| dot(&query[head.clone()], &key[head.clone()]) / (width as f64).sqrt();
                let weights = k.iter().zip(kept).map(|(key, &kept)| if kept { score(key).exp() } else { 0.0 });
                let weights: Vec<f64> = weights.collect();
                let total: f64 = weights.iter().sum();
                for (weight, value) in weights.iter().zip(&v) {
                    for i in head.clone() {
                        out[i] += weight / total * value[i];
                    }
                }
            }
        }
        out
    }

    /// Returns the vector of one sequence.
    pub fn encode(&self, input: &TokenInput) -> Vec<f64> {
        let length = input.ids.len();
        let types = input.token_type_ids.clone().unwrap_or_else(|| vec![0; length]);
        let kept: Vec<bool> = match &input.attention_mask {
            Some(mask) => mask.iter().map(|&m| m != 0).collect(),
            None => vec![true; length],
        };
        let mut x: Matrix = (0..length)
            .map(|i| {
                let word = self.row("word", input.ids[i] as usize);
                sum(&sum(word, self.row("position", i)), self.row("token_type", types[i] as usize))
            })
            .collect();
        self.norm(&mut x, "embeddings.LayerNorm");
        let activation = self.config["hidden_act"].as_str().unwrap();
        for layer in (0..self.size("num_hidden_layers")).map(|i| format!("encoder.layer.{i}")) {
            let context = self.attention(&x, &layer, &kept);
            x = add(&x, &self.linear(&context, &format!("{layer}.attention.output.dense")));
            self.norm(&mut x, &format!("{layer}.attention.output.LayerNorm"));
            let mut inner = self.linear(&x, &format!("{layer}.intermediate.dense"));
            inner.iter_mut().flatten().for_each(|v| *v = activate(activation, *v));
            x = add(&x, &self.linear(&inner, &format!("{layer}.output.dense")));
            self.norm(&mut x, &format!("{layer}.output.LayerNorm"));
        }
        let rows: Matrix = x.into_iter().zip(&kept).filter(|(_, kept)| **kept).map(|(row, _)| row).collect();
        let mut vector = self.pool(&rows);
        if self.normalise {
            let norm = dot(&vector, &vector).sqrt();
            vector.iter_mut().for_each(|v| *v /= norm);
        }
        vector
    }

    fn pool(&self, rows: &Matrix) -> Vec<f64> {
        let column = |i: usize| rows.iter().map(move |row| row[i]);
        let count = rows.len() as f64;
        let value = |i: usize| match self.pooling.as_str() {
            "pooling_mode_cls_token" => rows[0][i],
            "pooling_mode_mean_tokens" => column(i).sum::<f64>() / count,
            "pooling_mode_max_tokens" => column(i).fold(f64::NEG_INFINITY, f64::max),
            "pooling_mode_mean_sqrt_len_tokens" => column(i).sum::<f64>() / count.sqrt(),
            other => panic!("{other}"),
        };
        (0..rows[0].len()).map(value).collect()
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn sum(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

fn add(a: &Matrix, b: &Matrix) -> Matrix {
    a.iter().zip(b).map(|(a, b)| sum(a, b)).collect()
}

fn activate(name: &str, x: f64) -> f64 {
    match name {
        "gelu" => x * 0.5 * (1.0 + erf(x / 2f64.sqrt())),
        "gelu_new" => 0.5 * x * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3))).tanh()),
        "relu" => x.max(0.0),
        other => panic!("{other}"),
    }
}

/// Returns the error function: its series with positive terms only (Abramowitz & Stegun 7.1.6).
fn erf(x: f64) -> f64 {
    if x.abs() > 6.0 {
        return x.signum();
    }
    let (mut term, mut total, mut n) = (x, x, 0.0);
    while term.abs() > 1e-17 * total.abs() {
        n += 1.0;
        term *= 2.0 * x * x / (2.0 * n + 1.0);
        total += term;
    }
    2.0 / std::f64::consts::PI.sqrt() * (-x * x).exp() * total
}

#[test]
fn erf_is_the_error_function() {
    for (x, expected) in [(0.0, 0.0), (0.5, 0.520_499_877_8), (-1.0, -0.842_700_792_9), (2.5, 0.999_593_048_0)] {
        assert!((erf(x) - expected).abs() < 1e-9, "{x}");
    }
}
