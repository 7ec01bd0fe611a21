//! Edits a model's tensors.

use std::fs;
use std::path::Path;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

/// Rewrites the model.safetensors of `directory`: `change` gets the name, shape and values of each F32 tensor. Other tensors, which
/// some files have (`position_ids`), do not change.
pub fn edit_weights(directory: &Path, mut change: impl FnMut(&str, &[usize], &mut [f32])) {
    let path = directory.join("model.safetensors");
    let bytes = fs::read(&path).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let mut edited = Vec::new();
    for (name, view) in tensors.iter() {
        if view.dtype() != Dtype::F32 {
            edited.push((name.to_owned(), view.dtype(), view.shape().to_vec(), view.data().to_vec()));
            continue;
        }
        let mut values: Vec<f32> =
            view.data().as_chunks::<4>().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        change(name, view.shape(), &mut values);
        let data: Vec<u8> = values.into_iter().flat_map(f32::to_le_bytes).collect();
        edited.push((name.to_owned(), Dtype::F32, view.shape().to_vec(), data));
    }
    let views = edited
        .iter()
        .map(|(name, dtype, shape, data)| (name.as_str(), TensorView::new(*dtype, shape.clone(), data).unwrap()));
    let content = safetensors::serialize(views, None).unwrap();
    // Writes a new file: the old one may be a link to that of a real model.
    fs::remove_file(&path).unwrap();
    fs::write(path, content).unwrap();
}
