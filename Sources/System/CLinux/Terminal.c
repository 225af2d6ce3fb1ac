#include "CLinux.h"

#include <termios.h>
#include <unistd.h>

// What the handler of a signal needs; there is one terminal at a time.
static struct termios shown;
static int terminal;

static const int endings[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
#define ENDINGS (sizeof endings / sizeof *endings)
static struct sigaction before[ENDINGS];

static void show_and_end(int signal) {
    int kept = errno;
    tcsetattr(terminal, TCSANOW, &shown);
    // Its action is the default again, which comes when this returns.
    raise(signal);
    errno = kept;
}

int clinux_hide_typing(int descriptor) {
    if (tcgetattr(descriptor, &shown) != 0) return errno;
    terminal = descriptor;
    struct sigaction action = {.sa_handler = show_and_end, .sa_flags = SA_RESETHAND};
    // SIGTTOU too: the terminal is given back by a process in the background as well.
    sigfillset(&action.sa_mask);
    for (size_t index = 0; index < ENDINGS; index++) {
        sigaction(endings[index], NULL, &before[index]);
        if (before[index].sa_handler != SIG_IGN) sigaction(endings[index], &action, NULL);
    }
    struct termios hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    hidden.c_cc[VSUSP] = _POSIX_VDISABLE;
    if (tcsetattr(descriptor, TCSAFLUSH, &hidden) == 0) return 0;
    int number = errno;
    clinux_show_typing();
    return number;
}

void clinux_show_typing(void) {
    tcsetattr(terminal, TCSAFLUSH, &shown);
    for (size_t index = 0; index < ENDINGS; index++) sigaction(endings[index], &before[index], NULL);
}
