#ifndef MPUSH_CLINUX_H
#define MPUSH_CLINUX_H

// The system calls and constants that the Glibc module of Swift leaves out. No logic.

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>

#endif
