#ifndef MPUSH_CLINUX_H
#define MPUSH_CLINUX_H

// The system calls and constants that the Glibc module of Swift leaves out. No logic.

#include <malloc.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>

// A clock's reading in nanoseconds, or -1 (clock_gettime(2)). Which module Swift takes struct timespec from depends on the
// order in which it meets them, and with it whether the members of the struct can be seen.
static inline int64_t clinux_clock_nanoseconds(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) return -1;
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// Who is at the other end of a socket of AF_UNIX (unix(7)). Glibc shows struct ucred to GNU sources only, which a shim that
// Swift imports must not be.
struct clinux_peer {
    int32_t pid;
    uint32_t uid;
    uint32_t gid;
};

static inline int clinux_peer_credentials(int descriptor, struct clinux_peer *peer) {
    socklen_t length = sizeof *peer;
    return getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, peer, &length);
}

// The supplementary groups at the other end. `bytes` says how many there is room for, then how many there are; ERANGE where
// there is not enough room.
static inline int clinux_peer_groups(int descriptor, uint32_t *groups, uint32_t *bytes) {
    return getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, groups, bytes);
}

#endif
