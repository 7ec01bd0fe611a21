//! How an encoder computes, in words.

use nigh::{BackendKind, ComputePath, SimdLevel};

use crate::output::count;

/// Describes the path: "int8, avx2 kernels, 2 threads", or "int8, portable kernels: slow, 2 threads".
pub fn describe(path: &ComputePath) -> String {
    let ComputePath { backend, precision, simd, threads, .. } = path;
    let slow = if slow_reason(path).is_some() { ": slow" } else { "" };
    let engine = match backend {
        BackendKind::Ort => "ONNX Runtime".to_owned(),
        _ => format!("{simd} kernels"),
    };
    format!("{precision}, {engine}{slow}, {}", count(*threads, "thread"))
}

/// Returns why the path is slow; `None` if it is not.
pub fn slow_reason(path: &ComputePath) -> Option<String> {
    if path.backend != BackendKind::Native || path.simd != SimdLevel::Portable {
        return None;
    }
    Some(match SimdLevel::best() {
        SimdLevel::Portable if cfg!(target_arch = "x86_64") => {
            "this CPU lacks AVX2, FMA or F16C, which faster kernels need".to_owned()
        }
        SimdLevel::Portable => format!("nigh has no faster kernels for {} CPUs", std::env::consts::ARCH),
        best => format!("--simd asks for it; this CPU can run {best}"),
    })
}
