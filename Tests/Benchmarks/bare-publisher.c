// The yardstick of the bridge to NATS: publishes to JetStream with nothing but libnats, as `nats bench --js --pub 1` does.
//
// usage: bare-publisher URL SUBJECT COUNT LENGTH
//
// COUNT messages of LENGTH bytes, each with a Nats-Msg-Id; it ends when the stream has confirmed all.

#include <nats/nats.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(natsStatus status, const char *what) {
    if (status == NATS_OK) return;
    fprintf(stderr, "bare-publisher: %s: %s\n", what, natsStatus_GetText(status));
    exit(1);
}

int main(int count, char **arguments) {
    if (count != 5) return 64;
    long messages = atol(arguments[3]), length = atol(arguments[4]);
    char *content = malloc((size_t)length + 1);
    if (!content) return 70;
    memset(content, 'x', (size_t)length);
    natsConnection *connection = NULL;
    jsCtx *stream = NULL;
    jsOptions options;
    jsOptions_Init(&options);
    // As many as the bridge has on their way.
    options.PublishAsync.MaxPending = 1024;
    options.PublishAsync.StallWait = 10000;
    check(natsConnection_ConnectTo(&connection, arguments[1]), "connect");
    check(natsConnection_JetStream(&stream, connection, &options), "JetStream");
    for (long number = 0; number < messages; number++) {
        char id[32];
        snprintf(id, sizeof id, "bare:%ld", number);
        jsPubOptions publish;
        jsPubOptions_Init(&publish);
        publish.MsgId = id;
        check(js_PublishAsync(stream, arguments[2], content, (int)length, &publish), "publish");
    }
    check(js_PublishAsyncComplete(stream, NULL), "complete");
    jsCtx_Destroy(stream);
    natsConnection_Destroy(connection);
    nats_Close();
    return 0;
}
