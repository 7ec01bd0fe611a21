/* Hides AVX-512, AVX-VNNI and AMX from a program, so that it runs as on a CPU with AVX2 alone.
 *
 *     cc -O2 -shared -fPIC -o avx2_only.so benches/peers/avx2_only.c
 *     LD_PRELOAD=$PWD/avx2_only.so cargo xtask bench encode --simd avx2 ...
 *
 * Linux can make the CPUID instruction raise SIGSEGV (arch_prctl ARCH_SET_CPUID), if /proc/cpuinfo lists cpuid_fault. The handler then
 * answers with the features removed. What ran before this library was loaded (the C library's own string functions) is not changed, nor is a
 * program that replaces the handler of SIGSEGV. The clock and the caches stay those of this CPU.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define ARCH_SET_CPUID 0x1012
#define BIT(n) (1u << (n))

static struct sigaction before;

static void answer(int signal, siginfo_t *info, void *context) {
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
    const uint8_t *code = (const uint8_t *)r[REG_RIP];
    (void)signal, (void)info;
    if (code[0] != 0x0f || code[1] != 0xa2) { /* Another fault: it is raised again, for the previous handler. */
        sigaction(SIGSEGV, &before, NULL);
        return;
    }
    uint32_t leaf = (uint32_t)r[REG_RAX], part = (uint32_t)r[REG_RCX], a, b, c, d;
    syscall(SYS_arch_prctl, ARCH_SET_CPUID, 1L);
    __cpuid_count(leaf, part, a, b, c, d);
    syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0L);
    if (leaf == 7 && part == 0) { /* AVX-512 with all its parts; AMX. */
        b &= ~(BIT(16) | BIT(17) | BIT(21) | BIT(26) | BIT(27) | BIT(28) | BIT(30) | BIT(31));
        c &= ~(BIT(1) | BIT(6) | BIT(11) | BIT(12) | BIT(14));
        d &= ~(BIT(2) | BIT(3) | BIT(8) | BIT(22) | BIT(23) | BIT(24) | BIT(25));
    } else if (leaf == 7 && part == 1) { /* AVX-VNNI and its siblings, AVX-512 BF16, AMX FP16, AVX10. */
        a &= ~(BIT(4) | BIT(5) | BIT(21) | BIT(23));
        d &= ~(BIT(4) | BIT(5) | BIT(8) | BIT(10) | BIT(19));
    }
    r[REG_RAX] = a, r[REG_RBX] = b, r[REG_RCX] = c, r[REG_RDX] = d;
    r[REG_RIP] += 2;
}

__attribute__((constructor)) static void start(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = answer;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    sigaction(SIGSEGV, &action, &before);
    if (syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0L) != 0)
        fprintf(stderr, "avx2_only: this CPU or kernel cannot trap CPUID; nothing is hidden\n");
}
