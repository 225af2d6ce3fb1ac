#ifndef MPUSH_CMOSQUITTO_SHIM_H
#define MPUSH_CMOSQUITTO_SHIM_H

#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>

static inline void cmosquitto_ignore(int signal) { (void)signal; }

// Connects to the first address of `host` that takes the connection. mosquitto_connect(3) waits for each as long as the kernel
// does, which is minutes: here each has `seconds`, after which a signal interrupts connect(2). To be called where there is one
// thread. What was refused or timed out last is in *number: an errno(3), or EINTR for time that is over.
static inline int cmosquitto_connect(
    struct mosquitto *client, const char *host, int port, int keepalive, int seconds, int *number) {
    struct sigaction action = {0}, before;
    struct itimerval timer = {{seconds, 0}, {seconds, 0}}, none = {{0, 0}, {0, 0}};
    action.sa_handler = cmosquitto_ignore;
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, &before);
    setitimer(ITIMER_REAL, &timer, NULL);
    errno = 0;
    int result = mosquitto_connect_bind_v5(client, host, port, keepalive, NULL, NULL);
    *number = errno;
    setitimer(ITIMER_REAL, &none, NULL);
    sigaction(SIGALRM, &before, NULL);
    return result;
}

// Why the broker's certificate was not taken, in OpenSSL's words; NULL where it was, or where that is not known. To be asked
// while the connection is there: from the callback for lines of the log.
static inline const char *cmosquitto_certificate_problem(struct mosquitto *client) {
    SSL *ssl = (SSL *)mosquitto_ssl_get(client);
    long result = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
    return result == X509_V_OK ? NULL : X509_verify_cert_error_string(result);
}

#endif
