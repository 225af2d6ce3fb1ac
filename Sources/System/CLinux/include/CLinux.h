#ifndef MPUSH_CLINUX_H
#define MPUSH_CLINUX_H

// The system calls and constants that the Glibc module of Swift leaves out; what runs between vfork and exec; and calls
// whose pointers C can hand over and Swift cannot without a cast.
//
// The rules of all: nothing is kept beyond the call but what the comment names; a failure is the errno(3) that is returned,
// never one that has to be picked up afterwards.

#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <time.h>

// A clock's reading in nanoseconds, or -1 (clock_gettime(2)). Which module Swift takes struct timespec from depends on the
// order in which it meets them, and with it whether the members of the struct can be seen.
static inline int64_t clinux_clock_nanoseconds(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) return -1;
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// Whether the kernel takes the wall clock for synchronised (STA_UNSYNC of adjtimex(2)): 1 or 0, or -1 where it does not say.
int clinux_clock_is_synchronised(void);

// Locks the whole file for this open file description (F_OFD_SETLK of fcntl(2)): no other process, nor another description of
// this one, has it until the last descriptor of it is closed. Returns 0 or an errno(3): EAGAIN where another has it.
int clinux_lock_whole(int descriptor);

// Whether a signal is ignored (SIG_IGN): 1 or 0. Swift cannot compare what it is told of handlers.
static inline int clinux_is_ignored(int number) {
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

// What a program is started with.
struct clinux_program {
    const char *path;         // absolute: PATH is not searched
    char *const *arguments;   // the name first; ends with NULL
    char *const *environment; // ends with NULL
    const char *directory;    // where it is started
    int input, output, error; // its descriptors 0, 1 and 2
};

// Which step failed.
enum clinux_step {
    CLINUX_STEP_NONE = 0,
    CLINUX_STEP_FORK,      // the process could not be made
    CLINUX_STEP_PREPARE,   // its group, its parent's death signal or its descriptors could not be set
    CLINUX_STEP_DIRECTORY, // chdir(2)
    CLINUX_STEP_EXECUTE,   // execve(2)
};

// Starts a program in a process group of its own, which is numbered as it is, with no descriptor but the three, with
// default signals and a umask of 022. It is killed when the thread that called this ends.
//
// Returns 0 with the process id in *process, or an errno(3) with the step in *step; no process is left over then.
int clinux_spawn(const struct clinux_program *program, pid_t *process, enum clinux_step *step);

// A descriptor that can be read when the process has ended, which is closed on exec (pidfd_open(2)). The caller closes it.
// Returns 0 with it in *descriptor, or an errno(3) with -1 there.
int clinux_pidfd_open(pid_t process, int *descriptor);

// Waits for the end of a child, which stays a zombie: its number, and its group's, are not given to another (waitid(2)).
// Returns 0, with whether it was a signal that ended it and the exit status or the signal's number; or an errno(3).
int clinux_wait_and_leave(pid_t process, int *is_signal, int *number);

// A pipe whose ends are closed on exec: the one to read from first. Returns 0 or an errno(3).
int clinux_pipe(int ends[2]);

// Takes a zombie away. Returns 0 or an errno(3).
int clinux_reap(pid_t process);

// Writes all `count` bytes (write(2)). What a descriptor that does not block leaves is waited for where `waits` is not 0,
// else it is lost. Returns 0 or an errno(3), EAGAIN for what was lost.
int clinux_write_all(int descriptor, const void *bytes, size_t count, int waits);

// What the other end of a socket has not read yet, in bytes of the kernel's memory (SIOCOUTQ); 0 where it cannot be told.
size_t clinux_unread(int descriptor);

// The name of an entry, which lives as long as the entry does (readdir(3)). An entry is as long as its name: a copy of
// d_name as it is declared, of 256 bytes, reads beyond the entry.
static inline const char *clinux_entry_name(const struct dirent *entry) { return entry->d_name; }

// The release of the running kernel, with its NUL, in `room` bytes at `text` (uname(2)). Returns 0 or an errno(3).
int clinux_kernel_release(char *text, size_t room);

// Lets go of the pages of code that this process has mapped, its own and its libraries': what is needed comes back from the
// page cache, what only the start needed does not. Nothing is lost, because code is never written to (madvise(2)).
void clinux_release_code(void);

// A read(2) that keeps in mind, for its thread, that one has failed: SQLite calls a file damaged that could not be read.
// To be given to SQLite in place of its own; `clinux_take_read_failure` gives the errno of the last that failed since it
// was called before, and 0 for none.
typedef void (*clinux_function)(void);
clinux_function clinux_noting_read(void);
clinux_function clinux_noting_pread(void);
clinux_function clinux_noting_pread64(void);
void clinux_note_read_failure(int number);
int clinux_take_read_failure(void);

// A socket that can be read whenever links, addresses, routes or rules of this network namespace change (rtnetlink(7)). What
// can be read says no more than that: what the kernel drops for want of room in between is not reported. The caller closes it.
// Returns 0 with it in *descriptor, or an errno(3) with -1 there.
int clinux_network_watch(int *descriptor);

// How packets to an address leave the machine.
struct clinux_route {
    uint32_t link;  // the number of the link
    int is_link_up; // whether the link carries anything (IFF_RUNNING of netdevice(7))
};

// Asks the kernel for the route to the address in `text` (RTM_GETROUTE of rtnetlink(7)). Returns 0 with it in
// *route, and the address that packets come from, with its NUL, in `room` bytes at `source`, empty where the kernel does not
// say; or an errno(3), ENETUNREACH and EHOSTUNREACH where there is none.
int clinux_route_to(const char *text, struct clinux_route *route, char *source, socklen_t room);

// Writes what the network is called by which packets to the address in `text` leave, with its NUL, into `room` bytes at `name`:
// its prefix and its router, as `192.0.2.0/24 via 192.0.2.1`; where it has neither, as on a line to one peer, the name of the
// link. Returns 0, or an errno(3).
int clinux_network_to(const char *text, char *name, size_t room);

// Who is at the other end of a socket of AF_UNIX (unix(7)). Glibc shows struct ucred to GNU sources only, which a shim that
// Swift imports must not be; this one has its members, and the kernel says how much of it it has written.
struct clinux_peer {
    int32_t pid;
    uint32_t uid;
    uint32_t gid;
};

// Returns 0, or -1 with errno set; then *peer says nothing.
static inline int clinux_peer_credentials(int descriptor, struct clinux_peer *peer) {
    socklen_t length = sizeof *peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, peer, &length) != 0) return -1;
    if (length == sizeof *peer) return 0;
    errno = EPROTO;
    return -1;
}

// The supplementary groups at the other end. `count` says for how many `groups` has room, then how many there are: also with
// -1 and ERANGE, where there is not enough room.
static inline int clinux_peer_groups(int descriptor, uint32_t *groups, uint32_t *count) {
    socklen_t length = *count * (socklen_t)sizeof *groups;
    int result = getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, groups, &length);
    *count = length / (socklen_t)sizeof *groups;
    return result;
}

// Whether the file at `path` lets in more users and groups than its mode says (acl(5)); also where that cannot be told.
static inline int clinux_may_have_acl(const char *path) {
    if (lgetxattr(path, "system.posix_acl_access", NULL, 0) >= 0) return 1;
    return errno != ENODATA && errno != ENOTSUP;
}

// The most bytes that the path of a socket has, less the zero at its end.
#define CLINUX_LONGEST_SOCKET_PATH 107

// `path` as an address. Returns 0, or -1 with ENAMETOOLONG, for one without a byte too. A path has no zero inside; what
// follows one would be lost.
static inline int clinux_socket_address(const uint8_t *path, size_t length, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (length > 0 && length <= CLINUX_LONGEST_SOCKET_PATH && length < sizeof address->sun_path) {
        memcpy(address->sun_path, path, length);
        return 0;
    }
    errno = ENAMETOOLONG;
    return -1;
}

// bind(2) and connect(2) to the socket at `path`.
static inline int clinux_bind_path(int descriptor, const uint8_t *path, size_t length) {
    struct sockaddr_un address;
    if (clinux_socket_address(path, length, &address) != 0) return -1;
    return bind(descriptor, (const struct sockaddr *)&address, sizeof address);
}

static inline int clinux_connect_path(int descriptor, const uint8_t *path, size_t length) {
    struct sockaddr_un address;
    if (clinux_socket_address(path, length, &address) != 0) return -1;
    return connect(descriptor, (const struct sockaddr *)&address, sizeof address);
}

// The path that a socket is bound to, without a zero at its end: writes at most `room` bytes of it. Returns how many, 0 for a
// socket without a path (of another family, abstract, not bound), or -1 with errno set.
static inline int clinux_bound_path(int descriptor, uint8_t *path, size_t room) {
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    memset(&address, 0, sizeof address);
    if (getsockname(descriptor, (struct sockaddr *)&address, &length) != 0) return -1;
    size_t start = offsetof(struct sockaddr_un, sun_path);
    if (length > sizeof address) length = sizeof address;
    if (length <= start || address.sun_family != AF_UNIX) return 0;
    size_t count = strnlen(address.sun_path, length - start);
    if (count > room) count = room;
    memcpy(path, address.sun_path, count);
    return (int)count;
}

// What is typed at the terminal is not shown until clinux_show_typing. Signals that end the process (SIGHUP, SIGINT, SIGQUIT,
// SIGTERM) give the terminal back first, and it is not stopped from the terminal; both keep the terminal's settings and the
// signals' actions for that. Returns 0 or an errno(3), with nothing changed.
int clinux_hide_typing(int descriptor);

// Gives back what clinux_hide_typing, which went well, has changed.
void clinux_show_typing(void);

#endif
