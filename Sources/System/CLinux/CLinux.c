#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

// The child shares our memory until it has executed the program (vfork(2)): it calls nothing but system calls, and writes
// nothing but its own frames, which lie below that of clinux_spawn because `become` is not inlined, and *failure.
struct failure {
    int number;
    enum clinux_step step;
};

__attribute__((noreturn)) static void give_up(volatile struct failure *failure, enum clinux_step step) {
    failure->number = errno;
    failure->step = step;
    _exit(127);
}

// A copy above the standard descriptors, so that setting one of these does not take away the source of another.
static int lifted(int descriptor) {
    return descriptor > 2 ? descriptor : fcntl(descriptor, F_DUPFD, 3);
}

__attribute__((noreturn, noinline)) static void become(
    const struct clinux_program *program, pid_t parent, volatile struct failure *failure) {
    if (setpgid(0, 0) != 0) give_up(failure, CLINUX_STEP_PREPARE);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) give_up(failure, CLINUX_STEP_PREPARE);
    // It may have died before it was asked for.
    if (getppid() != parent) _exit(127);

    // All signals are blocked here, so no handler of ours can run on this stack. What is ignored stays so over exec.
    // The kernel's own call with its own struct, all zero for SIG_DFL: sigaction(2) of the C library spares two of them.
    static const char default_action[64];
    for (int number = 1; number < NSIG; number++) syscall(SYS_rt_sigaction, number, default_action, NULL, 8);

    int input = lifted(program->input);
    int output = lifted(program->output);
    int error = lifted(program->error);
    if (input < 0 || output < 0 || error < 0) give_up(failure, CLINUX_STEP_PREPARE);
    if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(error, 2) < 0) give_up(failure, CLINUX_STEP_PREPARE);
    if (syscall(SYS_close_range, 3U, ~0U, 0U) != 0) give_up(failure, CLINUX_STEP_PREPARE);

    umask(022);
    if (chdir(program->directory) != 0) give_up(failure, CLINUX_STEP_DIRECTORY);

    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(program->path, program->arguments, program->environment);
    give_up(failure, CLINUX_STEP_EXECUTE);
}

int clinux_spawn(const struct clinux_program *program, pid_t *process, enum clinux_step *step) {
    volatile struct failure failure = {0, CLINUX_STEP_NONE};
    pid_t parent = getpid();
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int cancelling;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelling);

    pid_t child = vfork();
    if (child == 0) become(program, parent, &failure);
    int fork_error = errno;

    pthread_setcancelstate(cancelling, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (child < 0) {
        *step = CLINUX_STEP_FORK;
        return fork_error;
    }
    if (failure.number != 0) {
        clinux_reap(child);
        *step = failure.step;
        return failure.number;
    }
    *process = child;
    *step = CLINUX_STEP_NONE;
    return 0;
}

int clinux_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno;
}

int clinux_pidfd_open(pid_t process, int *descriptor) {
    *descriptor = (int)syscall(SYS_pidfd_open, process, 0);
    return *descriptor >= 0 ? 0 : errno;
}

int clinux_wait_and_leave(pid_t process, int *is_signal, int *number) {
    siginfo_t information = {0};
    int result;
    do {
        result = waitid(P_PID, (id_t)process, &information, WEXITED | WNOWAIT);
    } while (result != 0 && errno == EINTR);
    if (result != 0) return errno;
    *is_signal = information.si_code != CLD_EXITED;
    *number = information.si_status;
    return 0;
}

int clinux_reap(pid_t process) {
    int result;
    do {
        result = waitid(P_PID, (id_t)process, NULL, WEXITED);
    } while (result != 0 && errno == EINTR);
    return result == 0 ? 0 : errno;
}

int clinux_write_all(int descriptor, const void *bytes, size_t count, int waits) {
    const char *rest = bytes;
    while (count > 0) {
        ssize_t written = write(descriptor, rest, count);
        if (written > 0) {
            rest += written;
            count -= (size_t)written;
        } else if (written == 0) {
            return EIO; // no device that we write to does so: not a reason to try for ever
        } else if (errno == EAGAIN && waits) {
            struct pollfd wait = {descriptor, POLLOUT, 0};
            poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

size_t clinux_unread(int descriptor) {
    int bytes = 0;
    return ioctl(descriptor, SIOCOUTQ, &bytes) == 0 && bytes > 0 ? (size_t)bytes : 0;
}

int clinux_kernel_release(char *text, size_t room) {
    struct utsname names;
    if (uname(&names) != 0) return errno;
    size_t length = strnlen(names.release, sizeof names.release);
    if (length >= room) return ERANGE;
    memcpy(text, names.release, length);
    text[length] = 0;
    return 0;
}

static int release_code_of(struct dl_phdr_info *object, size_t size, void *unused) {
    (void)size;
    (void)unused;
    // The kernel's own page of code has no file behind it.
    if (object->dlpi_name == NULL || strncmp(object->dlpi_name, "linux-vdso", 10) == 0) return 0;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int index = 0; index < object->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
        if (segment->p_type != PT_LOAD || segment->p_flags != (PF_R | PF_X)) continue;
        uintptr_t start = (object->dlpi_addr + segment->p_vaddr) & ~(page - 1);
        uintptr_t end = (object->dlpi_addr + segment->p_vaddr + segment->p_filesz + page - 1) & ~(page - 1);
        madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void clinux_release_code(void) { dl_iterate_phdr(release_code_of, NULL); }

int clinux_clock_is_synchronised(void) {
    struct timex state = {0};
    if (adjtimex(&state) == -1) return -1;
    return (state.status & STA_UNSYNC) == 0;
}

int clinux_lock_whole(int descriptor) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(descriptor, F_OFD_SETLK, &whole) == 0 ? 0 : errno;
}

static _Thread_local int read_failure;

static ssize_t noting_read(int descriptor, void *buffer, size_t count) {
    ssize_t result = read(descriptor, buffer, count);
    if (result < 0 && errno != EINTR) read_failure = errno;
    return result;
}

static ssize_t noting_pread(int descriptor, void *buffer, size_t count, off_t offset) {
    ssize_t result = pread(descriptor, buffer, count, offset);
    if (result < 0 && errno != EINTR) read_failure = errno;
    return result;
}

static ssize_t noting_pread64(int descriptor, void *buffer, size_t count, off64_t offset) {
    ssize_t result = pread64(descriptor, buffer, count, offset);
    if (result < 0 && errno != EINTR) read_failure = errno;
    return result;
}

clinux_function clinux_noting_read(void) { return (clinux_function)noting_read; }
clinux_function clinux_noting_pread(void) { return (clinux_function)noting_pread; }
clinux_function clinux_noting_pread64(void) { return (clinux_function)noting_pread64; }

void clinux_note_read_failure(int number) { read_failure = number; }

int clinux_take_read_failure(void) {
    int number = read_failure;
    read_failure = 0;
    return number;
}
