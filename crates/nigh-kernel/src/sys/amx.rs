//! Asks the operating system for AMX. Its registers are so large that Linux gives them only to processes that ask.

/// True if this process may use the int8 instructions of AMX. Asks Linux the first time; the answer holds for all threads.
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub(crate) fn is_permitted() -> bool {
    use std::arch::x86_64::__cpuid_count;
    use std::sync::OnceLock;

    /// In EDX of leaf 7: AMX-TILE and AMX-INT8.
    const FEATURES: u32 = 1 << 24 | 1 << 25;
    /// `ARCH_REQ_XCOMP_PERM`, and the number of the tile registers' state.
    const REQUEST: libc::c_long = 0x1023;
    const TILE_DATA: libc::c_long = 18;

    static PERMITTED: OnceLock<bool> = OnceLock::new();
    *PERMITTED.get_or_init(|| {
        // The caller has AVX-512, so the CPU has leaf 7.
        if __cpuid_count(7, 0).edx & FEATURES != FEATURES {
            return false;
        }
        // SAFETY: the call changes only which registers Linux saves for this process. It fails if Linux or the hypervisor lacks them.
        unsafe { libc::syscall(libc::SYS_arch_prctl, REQUEST, TILE_DATA) == 0 }
    })
}

#[cfg(all(target_arch = "x86_64", not(target_os = "linux")))]
pub(crate) fn is_permitted() -> bool {
    false
}
