// Runs a program and traces its system calls: counts the calls that touch a folder, makes one of them fail, or records the written
// bytes. It also sees calls that bypass libc. A seccomp filter stops only the calls that matter.
//
//     tracer [--scope FOLDER]... [--except FOLDER] [--log FILE] [--fault NAME --at N [--good]] [--calls KIND,...] [--record FILE] -- PROGRAM ARGS...
//
// Without --fault it counts. Lines of the log, fields separated by tabs:
//     H n kind path        the fault was injected here, at the n-th call that it can hit
//     N fault count        at the end: the number of calls that each fault can hit
//     K kind count         at the end: the number of calls of each kind
//     S count              at the end: how often the fault was injected
// With --record, whose file gets the written bytes:
//     create ino path | write ino offset length | size ino bytes | sync ino began | range ino offset length began
//     dsync path began | rename from to | link ino path | unlink path | mkdir path | rmdir path
// `began` is the number of recorded lines when the call began: a sync covers only writes before it began.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <elf.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif

enum kind { OPEN, MAKE, READ, WRITE, SYNC, TRUNC, RENAME, LINK, UNLINK, MKDIR, LOCK, MAP, STAT, LIST, CHMOD, COPY, KINDS };
static const char *const KIND_NAMES[KINDS] = { "open",   "make", "read", "write", "sync", "trunc", "rename", "link",
                                               "unlink", "mkdir", "lock", "map",  "stat", "list",  "chmod",  "copy" };
#define BIT(kind) (1u << (kind))

enum { EIO_, ENOSPC_, SHORT_, EINTR_, EMFILE_, ENOMEM_, EROFS_, KILL_, FAULTS };
static const struct {
    const char *name;
    int number;
    unsigned kinds;
} FAULT[FAULTS] = {
    { "eio", EIO, ~0u },
    { "enospc", ENOSPC,
      BIT(MAKE) | BIT(WRITE) | BIT(SYNC) | BIT(TRUNC) | BIT(RENAME) | BIT(LINK) | BIT(MKDIR) | BIT(COPY) },
    { "short", 0, BIT(READ) | BIT(WRITE) | BIT(COPY) },
    { "eintr", EINTR, BIT(OPEN) | BIT(MAKE) | BIT(READ) | BIT(WRITE) | BIT(SYNC) | BIT(TRUNC) | BIT(LOCK) | BIT(COPY) },
    { "emfile", EMFILE, BIT(OPEN) | BIT(MAKE) },
    { "enomem", ENOMEM, ~(BIT(SYNC) | BIT(LOCK)) },
    { "erofs", EROFS,
      BIT(MAKE) | BIT(WRITE) | BIT(SYNC) | BIT(TRUNC) | BIT(RENAME) | BIT(LINK) | BIT(UNLINK) | BIT(MKDIR) | BIT(CHMOD) | BIT(COPY) },
    { "kill", 0, ~0u },
};

// The arguments of a call that tell which file it uses, and how. -1: it has no such argument.
struct call {
    long number;
    signed char kind;
    signed char fd;       // argument with a file descriptor
    signed char directory, path;
    signed char directory2, path2;
    signed char length;   // argument with a length that can be reduced
    signed char flags;    // argument with the flags of an open
};
#define FD(number, kind, fd, length) { number, kind, fd, -1, -1, -1, -1, length, -1 }
#define PATH(number, kind, path) { number, kind, -1, -1, path, -1, -1, -1, -1 }
#define AT(number, kind) { number, kind, -1, 0, 1, -1, -1, -1, -1 }
static const struct call CALLS[] = {
    { SYS_openat, OPEN, -1, 0, 1, -1, -1, -1, 2 },
    { SYS_openat2, OPEN, -1, 0, 1, -1, -1, -1, 2 },
    FD(SYS_read, READ, 0, 2), FD(SYS_pread64, READ, 0, 2), FD(SYS_readv, READ, 0, 2),
    FD(SYS_preadv, READ, 0, 2), FD(SYS_preadv2, READ, 0, 2),
    FD(SYS_write, WRITE, 0, 2), FD(SYS_pwrite64, WRITE, 0, 2), FD(SYS_writev, WRITE, 0, 2),
    FD(SYS_pwritev, WRITE, 0, 2), FD(SYS_pwritev2, WRITE, 0, 2),
    FD(SYS_fsync, SYNC, 0, -1), FD(SYS_fdatasync, SYNC, 0, -1), FD(SYS_sync_file_range, SYNC, 0, -1),
    FD(SYS_syncfs, SYNC, 0, -1),
    FD(SYS_ftruncate, TRUNC, 0, -1), FD(SYS_fallocate, TRUNC, 0, -1), PATH(SYS_truncate, TRUNC, 0),
    { SYS_renameat2, RENAME, -1, 0, 1, 2, 3, -1, -1 },
    { SYS_linkat, LINK, -1, 0, 1, 2, 3, -1, -1 },
    { SYS_symlinkat, LINK, -1, 1, 2, -1, -1, -1, -1 },
    AT(SYS_unlinkat, UNLINK), AT(SYS_mkdirat, MKDIR),
    FD(SYS_flock, LOCK, 0, -1), FD(SYS_mmap, MAP, 4, -1),
    FD(SYS_fstat, STAT, 0, -1), AT(SYS_newfstatat, STAT), AT(SYS_statx, STAT), AT(SYS_faccessat, STAT),
    AT(SYS_readlinkat, STAT),
    FD(SYS_getdents64, LIST, 0, -1),
    FD(SYS_fchmod, CHMOD, 0, -1), AT(SYS_fchmodat, CHMOD), AT(SYS_fchmodat2, CHMOD), AT(SYS_utimensat, CHMOD),
    FD(SYS_copy_file_range, COPY, 2, 4), FD(SYS_sendfile, COPY, 0, 3),
#ifdef SYS_renameat
    { SYS_renameat, RENAME, -1, 0, 1, 2, 3, -1, -1 },
#endif
#ifdef SYS_open
    { SYS_open, OPEN, -1, -1, 0, -1, -1, -1, 1 },
    { SYS_creat, MAKE, -1, -1, 0, -1, -1, -1, -1 },
    { SYS_rename, RENAME, -1, -1, 0, -1, 1, -1, -1 },
    { SYS_link, LINK, -1, -1, 0, -1, 1, -1, -1 },
    PATH(SYS_symlink, LINK, 1), PATH(SYS_unlink, UNLINK, 0), PATH(SYS_rmdir, UNLINK, 0), PATH(SYS_mkdir, MKDIR, 0),
    PATH(SYS_stat, STAT, 0), PATH(SYS_lstat, STAT, 0), PATH(SYS_access, STAT, 0), PATH(SYS_readlink, STAT, 0),
    PATH(SYS_chmod, CHMOD, 0),
#endif
};
#define CALLS_LENGTH (sizeof CALLS / sizeof *CALLS)

// The registers of a stopped thread, on either machine.
#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
typedef struct user_regs_struct registers;
static long call_number(const registers *r) { return (long)r->orig_rax; }
static long result(const registers *r) { return (long)r->rax; }
static uint64_t argument(const registers *r, int at) {
    const unsigned long long all[6] = { r->rdi, r->rsi, r->rdx, r->r10, r->r8, r->r9 };
    return all[at];
}
static void set_argument(registers *r, int at, uint64_t value) {
    unsigned long long *const all[6] = { &r->rdi, &r->rsi, &r->rdx, &r->r10, &r->r8, &r->r9 };
    *all[at] = value;
}
static void set_result(registers *r, long value) { r->rax = (unsigned long long)value; }
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
typedef struct user_regs_struct registers;
static long call_number(const registers *r) { return (long)r->regs[8]; }
static long result(const registers *r) { return (long)r->regs[0]; }
static uint64_t argument(const registers *r, int at) { return r->regs[at]; }
static void set_argument(registers *r, int at, uint64_t value) { r->regs[at] = value; }
static void set_result(registers *r, long value) { r->regs[0] = (unsigned long long)value; }
#else
#error "the tracer knows x86_64 and aarch64"
#endif

static int get(pid_t thread, registers *r) {
    struct iovec io = { r, sizeof *r };
    return ptrace(PTRACE_GETREGSET, thread, NT_PRSTATUS, &io) == 0;
}
static int set(pid_t thread, registers *r) {
    struct iovec io = { r, sizeof *r };
    return ptrace(PTRACE_SETREGSET, thread, NT_PRSTATUS, &io) == 0;
}
// Skips the call, at its seccomp stop; the program gets `answer`.
static void skip(pid_t thread, registers *r, long answer) {
#if defined(__aarch64__)
    int none = -1;
    struct iovec io = { &none, sizeof none };
    ptrace(PTRACE_SETREGSET, thread, NT_ARM_SYSTEM_CALL, &io);
#else
    r->orig_rax = (unsigned long long)-1;
#endif
    set_result(r, answer);
    set(thread, r);
}

// The state of a thread. `pending`: its call must be handled when it ends.
struct thread {
    pid_t id;
    int pending;
    const struct call *call;
    registers at_entry;
    int restore;          // argument to restore after the call, or -1
    int existed;
    uint64_t offset;
    unsigned long began;
    char path[PATH_MAX], path2[PATH_MAX];
};
static struct thread **threads;
static size_t threads_length;

static struct thread *thread_of(pid_t id, int *fresh) {
    for (size_t i = 0; i < threads_length; i++)
        if (threads[i]->id == id) return threads[i];
    struct thread **more = realloc(threads, (threads_length + 1) * sizeof *threads);
    struct thread *one = calloc(1, sizeof *one);
    if (!more || !one) exit(125);
    threads = more;
    one->id = id;
    threads[threads_length++] = one;
    *fresh = 1;
    return one;
}
static void forget(pid_t id) {
    for (size_t i = 0; i < threads_length; i++)
        if (threads[i]->id == id) {
            free(threads[i]);
            threads[i] = threads[--threads_length];
            return;
        }
}

#define MAX_SCOPES 8
static const char *scopes[MAX_SCOPES];
static int scopes_length;
static const char *except;
static FILE *lines, *bytes;
static int fault = -1, persistent;
static unsigned long at, eligible[FAULTS], seen[KINDS], put, recorded;
static unsigned wanted_kinds = ~0u;
static pid_t program;
static volatile sig_atomic_t caught_signal;

static void on_signal(int signal) { caught_signal = signal; }

static int is_below(const char *path, const char *folder) {
    size_t length = strlen(folder);
    return !strncmp(path, folder, length) && (path[length] == '/' || !path[length]);
}

static int in_scope(const char *path) {
    if (except && is_below(path, except)) return 0;
    for (int i = 0; i < scopes_length; i++) {
        if (is_below(path, scopes[i])) return 1;
    }
    return 0;
}

static int read_link(const char *from, char *to) {
    ssize_t length = readlink(from, to, PATH_MAX - 1);
    to[length < 0 ? 0 : length] = 0;
    char *gone = strstr(to, " (deleted)");
    if (gone && !gone[10]) *gone = 0;
    return length >= 0;
}
static void descriptor_link(const struct thread *t, uint64_t fd, char *name, size_t size) {
    if ((int)fd == AT_FDCWD) snprintf(name, size, "/proc/%d/cwd", t->id);
    else snprintf(name, size, "/proc/%d/fd/%d", t->id, (int)fd);
}
static void descriptor_path(const struct thread *t, uint64_t fd, char *path) {
    char name[64];
    descriptor_link(t, fd, name, sizeof name);
    read_link(name, path);
}
// Removes `.`, `..` and double slashes. Links are not resolved: the path of the scope contains none.
static void tidy(char *path) {
    char out[PATH_MAX];
    size_t length = 0;
    for (char *part = strtok(path, "/"); part; part = strtok(NULL, "/")) {
        if (!strcmp(part, ".")) continue;
        if (!strcmp(part, "..")) {
            while (length && out[--length] != '/') {}
            continue;
        }
        size_t more = strlen(part);
        if (length + more + 2 > sizeof out) break;
        out[length++] = '/';
        memcpy(out + length, part, more);
        length += more;
    }
    out[length] = 0;
    strcpy(path, length ? out : "/");
}
// Reads the text at an address of the thread, page by page, since the next page may not be mapped.
static void text_at(const struct thread *t, uint64_t address, char *text) {
    size_t length = 0;
    while (length < PATH_MAX - 1) {
        size_t chunk = 4096 - (address + length) % 4096;
        if (chunk > PATH_MAX - 1 - length) chunk = PATH_MAX - 1 - length;
        struct iovec here = { text + length, chunk }, there = { (void *)(uintptr_t)(address + length), chunk };
        ssize_t got = process_vm_readv(t->id, &here, 1, &there, 1, 0);
        if (got <= 0) break;
        char *end = memchr(text + length, 0, (size_t)got);
        if (end) return;
        length += (size_t)got;
    }
    text[length] = 0;
}
static void path_of(const struct thread *t, const registers *r, int directory, int path, char *out) {
    char text[PATH_MAX], base[PATH_MAX];
    text_at(t, argument(r, path), text);
    if (text[0] == '/') {
        snprintf(out, PATH_MAX, "%s", text);
    } else {
        descriptor_path(t, directory < 0 ? (uint64_t)AT_FDCWD : argument(r, directory), base);
        if (strlen(base) + strlen(text) + 2 > PATH_MAX) { out[0] = 0; return; }
        strcpy(out, base);
        if (text[0]) { strcat(out, "/"); strcat(out, text); }
    }
    tidy(out);
}
static uint64_t open_flags(const struct thread *t, const registers *r, const struct call *call) {
    if (call->number != SYS_openat2) return call->flags < 0 ? 0 : argument(r, call->flags);
    uint64_t flags = 0;
    struct iovec here = { &flags, sizeof flags }, there = { (void *)(uintptr_t)argument(r, call->flags), sizeof flags };
    process_vm_readv(t->id, &here, 1, &there, 1, 0);
    return flags;
}
static int is_vector(long number) {
    return number == SYS_readv || number == SYS_writev || number == SYS_preadv || number == SYS_pwritev ||
           number == SYS_preadv2 || number == SYS_pwritev2;
}
static unsigned long line(const char *format, ...) __attribute__((format(printf, 1, 2)));
#include <stdarg.h>
static unsigned long line(const char *format, ...) {
    va_list all;
    va_start(all, format);
    if (lines) vfprintf(lines, format, all);
    va_end(all);
    return recorded++;
}

// Returns the offset at which a write will start.
static uint64_t write_offset(const struct thread *t, const registers *r, long number) {
    if (number == SYS_pwrite64 || number == SYS_pwritev || number == SYS_pwritev2) return argument(r, 3);
    int fd = (int)argument(r, number == SYS_copy_file_range ? 2 : 0);
    char name[64], text[256];
    snprintf(name, sizeof name, "/proc/%d/fdinfo/%d", t->id, fd);
    uint64_t position = 0;
    unsigned flags = 0;
    FILE *file = fopen(name, "r");
    while (file && fgets(text, sizeof text, file)) {
        sscanf(text, "pos: %lu", &position);
        sscanf(text, "flags: %o", &flags);
    }
    if (file) fclose(file);
    if (number == SYS_copy_file_range && argument(r, 3)) {
        struct iovec here = { &position, 8 }, there = { (void *)(uintptr_t)argument(r, 3), 8 };
        process_vm_readv(t->id, &here, 1, &there, 1, 0);
    }
    struct stat status;
    descriptor_link(t, (uint64_t)fd, name, sizeof name);
    if (flags & O_APPEND && stat(name, &status) == 0) position = (uint64_t)status.st_size;
    return position;
}

// Handles the start of a call in the scope. Returns whether its end must be handled too.
static int handle_call(struct thread *t, registers *r) {
    const struct call *call = t->call;
    int kind = call->kind;
    uint64_t flags = open_flags(t, r, call);
    if (kind == OPEN && flags & (O_CREAT | O_WRONLY | O_RDWR | O_TRUNC)) kind = MAKE;
    seen[kind]++;
    if (!bytes && fault < 0 && !(wanted_kinds & BIT(kind))) return 0;
    uint64_t length = call->length < 0 ? 0 : argument(r, call->length);
    int hit = 0;
    for (int i = 0; i < FAULTS; i++) {
        if (!(FAULT[i].kinds & wanted_kinds & BIT(kind)) || (i == SHORT_ && length < 2)) continue;
        eligible[i]++;
        if (i != fault || eligible[i] < at || (eligible[i] > at && !persistent)) continue;
        // An interrupted call succeeds when it is repeated; otherwise the program would never end.
        if (i == EINTR_ && (eligible[i] - at) % 2) continue;
        hit = 1;
    }
    if (hit) {
        if (!put++ && lines) fprintf(lines, "H\t%lu\t%s\t%s\n", eligible[fault], KIND_NAMES[kind], t->path), fflush(lines);
        if (fault == KILL_) {
            kill(program, SIGKILL);
            return 0;
        }
        if (fault != SHORT_) {
            skip(t->id, r, -FAULT[fault].number);
            return 0;
        }
        t->restore = call->length;
        set_argument(r, call->length, is_vector(call->number) ? 1 : length / 2);
        set(t->id, r);
        return 1;
    }
    if (!bytes) return 0;
    t->began = recorded;
    struct stat status;
    if (kind == MAKE) t->existed = lstat(t->path, &status) == 0;
    if (kind == WRITE || kind == COPY) t->offset = write_offset(t, r, call->number);
    return kind != OPEN && kind != READ && kind != LOCK && kind != MAP && kind != STAT && kind != LIST && kind != CHMOD;
}

static void take_bytes(const char *name, uint64_t offset, uint64_t length) {
    static char buffer[1 << 16];
    int file = open(name, O_RDONLY | O_CLOEXEC);
    while (length) {
        ssize_t got = pread(file, buffer, length < sizeof buffer ? length : sizeof buffer, (off_t)offset);
        if (got <= 0) { fprintf(stderr, "tracer: cannot read what was written to %s\n", name); exit(125); }
        fwrite(buffer, 1, (size_t)got, bytes);
        offset += (uint64_t)got;
        length -= (uint64_t)got;
    }
    close(file);
}

// Records the change that a successful call made.
static void record(struct thread *t, const registers *now) {
    const registers *r = &t->at_entry;
    long answer = result(now);
    if (answer < 0) return;
    char name[64];
    struct stat status;
    descriptor_link(t, t->call->kind == OPEN || t->call->kind == MAKE ? (uint64_t)answer : argument(r, t->call->fd < 0 ? 0 : t->call->fd), name,
                    sizeof name);
    switch (t->call->kind) {
    case OPEN: case MAKE: {
        if (stat(name, &status)) break;
        uint64_t flags = t->call->kind == MAKE ? O_CREAT | O_TRUNC : open_flags(t, r, t->call);
        if ((flags & O_TMPFILE) == O_TMPFILE) line("create\t%lu\t-\n", status.st_ino);
        else if (!t->existed && flags & O_CREAT) line("create\t%lu\t%s\n", status.st_ino, t->path);
        else if (flags & O_TRUNC) line("size\t%lu\t0\n", status.st_ino);
        break;
    }
    case WRITE: case COPY:
        if (!answer || !in_scope(t->path) || stat(name, &status)) break;
        take_bytes(name, t->offset, (uint64_t)answer);
        line("write\t%lu\t%lu\t%lu\n", status.st_ino, t->offset, (uint64_t)answer);
        break;
    case TRUNC:
        if (t->call->fd < 0 ? stat(t->path, &status) : stat(name, &status)) break;
        line("size\t%lu\t%lu\n", status.st_ino, (uint64_t)status.st_size);
        break;
    case SYNC:
        if (stat(name, &status)) break;
        if (S_ISDIR(status.st_mode)) line("dsync\t%s\t%lu\n", t->path, t->began);
        else if (t->call->number == SYS_sync_file_range)
            line("range\t%lu\t%lu\t%lu\t%lu\n", status.st_ino, argument(r, 1), argument(r, 2), t->began);
        else line("sync\t%lu\t%lu\n", status.st_ino, t->began);
        break;
    case RENAME: line("rename\t%s\t%s\n", t->path, t->path2); break;
    case LINK:
        if (!lstat(t->path2[0] ? t->path2 : t->path, &status))
            line("link\t%lu\t%s\n", status.st_ino, t->path2[0] ? t->path2 : t->path);
        break;
    case UNLINK: {
        int folder = t->call->number == SYS_unlinkat && argument(r, 2) & AT_REMOVEDIR;
#ifdef SYS_rmdir
        folder |= t->call->number == SYS_rmdir;
#endif
        line("%s\t%s\n", folder ? "rmdir" : "unlink", t->path);
        break;
    }
    case MKDIR: line("mkdir\t%s\n", t->path); break;
    default: break;
    }
}

static int call_begins(struct thread *t) {
    registers r;
    if (!get(t->id, &r)) return 0;
    t->call = NULL;
    for (size_t i = 0; i < CALLS_LENGTH; i++)
        if (CALLS[i].number == call_number(&r)) t->call = &CALLS[i];
    if (!t->call) return 0;
    t->path[0] = t->path2[0] = 0;
    t->restore = -1;
    if (t->call->fd >= 0) descriptor_path(t, argument(&r, t->call->fd), t->path);
    if (t->call->path >= 0) path_of(t, &r, t->call->directory, t->call->path, t->path);
    // The source of a copy counts too.
    if (t->call->kind == COPY) descriptor_path(t, argument(&r, t->call->number == SYS_sendfile ? 1 : 0), t->path2);
    if (t->call->path2 >= 0) path_of(t, &r, t->call->directory2, t->call->path2, t->path2);
    if (!in_scope(t->path) && !(t->path2[0] && in_scope(t->path2))) return 0;
    t->at_entry = r;
    return handle_call(t, &r);
}

static void call_ends(struct thread *t) {
    registers r;
    t->pending = 0;
    if (!get(t->id, &r)) return;
    if (t->restore >= 0) {
        set_argument(&r, t->restore, argument(&t->at_entry, t->restore));
        set(t->id, &r);
    }
    if (bytes) record(t, &r);
}

static void filter_and_run(char **command) {
    struct sock_filter code[CALLS_LENGTH * 2 + 16];
    unsigned short n = 0;
#define PUT(...) code[n++] = (struct sock_filter)__VA_ARGS__
    PUT(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)));
    PUT(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0));
    PUT(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    PUT(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
    // A map without a file is only memory: not traced.
    PUT(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 4));
    PUT(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[3])));
    PUT(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_ANONYMOUS, 0, 1));
    PUT(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    PUT(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
    for (size_t i = 0; i < CALLS_LENGTH; i++) {
        PUT(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)CALLS[i].number, 0, 1));
        PUT(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
    }
    PUT(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    struct sock_fprog whole = { n, code };
    if (ptrace(PTRACE_TRACEME, 0, 0, 0)) { perror("tracer: cannot be traced"); _exit(125); }
    raise(SIGSTOP);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole)) {
        perror("tracer: no seccomp");
        _exit(125);
    }
    execv(command[0], command);
    perror("tracer: cannot run the program");
    _exit(125);
}

static void usage(void) {
    fprintf(stderr, "tracer: wrong arguments\n");
    exit(125);
}

static char **arguments(char **word) {
    for (word++; *word && strcmp(*word, "--"); word++) {
        if (!strcmp(*word, "--good")) { persistent = 1; continue; }
        char *name = *word, *value = *++word;
        if (!value) usage();
        if (!strcmp(name, "--scope") && scopes_length < MAX_SCOPES) scopes[scopes_length++] = value;
        else if (!strcmp(name, "--except")) except = value;
        else if (!strcmp(name, "--log")) lines = fopen(value, "we");
        else if (!strcmp(name, "--record")) bytes = fopen(value, "we");
        else if (!strcmp(name, "--at")) at = strtoul(value, NULL, 10);
        else if (!strcmp(name, "--fault")) {
            for (int i = 0; i < FAULTS; i++)
                if (!strcmp(value, FAULT[i].name)) fault = i;
            if (fault < 0) usage();
        } else if (!strcmp(name, "--calls")) {
            wanted_kinds = 0;
            for (char *one = strtok(value, ","); one; one = strtok(NULL, ","))
                for (int i = 0; i < KINDS; i++)
                    if (!strcmp(one, KIND_NAMES[i])) wanted_kinds |= BIT(i);
        } else usage();
    }
    if (!*word || !word[1] || (fault >= 0 && !at)) usage();
    return word + 1;
}

int main(int count, char **words) {
    (void)count;
    char **command = arguments(words);
    program = fork();
    if (program < 0) { perror("tracer: fork"); return 125; }
    if (!program) filter_and_run(command);
    struct sigaction action = { .sa_handler = on_signal };
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    int status, fresh = 0, code = 125;
    if (waitpid(program, &status, 0) != program || !WIFSTOPPED(status)) return 125;
    thread_of(program, &fresh);
    long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC |
                   PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD;
    if (ptrace(PTRACE_SETOPTIONS, program, 0, options)) { perror("tracer: options"); return 125; }
    ptrace(PTRACE_CONT, program, 0, 0);
    for (;;) {
        if (caught_signal) { kill(program, caught_signal); caught_signal = 0; }
        pid_t id = waitpid(-1, &status, __WALL);
        if (id < 0 && errno == EINTR) continue;
        if (id < 0) break;
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            forget(id);
            if (id != program) continue;
            code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            // Do not wait for processes that it left running.
            break;
        }
        if (!WIFSTOPPED(status)) continue;
        fresh = 0;
        struct thread *t = thread_of(id, &fresh);
        int signal = WSTOPSIG(status), event = status >> 16, deliver = 0;
        if (event == PTRACE_EVENT_SECCOMP) {
            t->pending = call_begins(t);
        } else if (signal == (SIGTRAP | 0x80)) {
            if (t->pending) call_ends(t);
        } else if (!event && !(fresh && signal == SIGSTOP)) {
            deliver = signal;
        }
        ptrace(t->pending ? PTRACE_SYSCALL : PTRACE_CONT, id, 0, deliver);
    }
    if (lines && !bytes) {
        for (int i = 0; i < FAULTS; i++) fprintf(lines, "N\t%s\t%lu\n", FAULT[i].name, eligible[i]);
        for (int i = 0; i < KINDS; i++) fprintf(lines, "K\t%s\t%lu\n", KIND_NAMES[i], seen[i]);
        fprintf(lines, "S\t%lu\n", put);
    }
    if (lines) fclose(lines);
    if (bytes) fclose(bytes);
    // Returns the exit code of the program; 128 + signal if it was killed, like a shell.
    return code;
}
