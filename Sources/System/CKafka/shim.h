#ifndef MPUSH_CKAFKA_SHIM_H
#define MPUSH_CKAFKA_SHIM_H

#include <librdkafka/rdkafka.h>
// For the tests alone: a cluster that is played.
#include <librdkafka/rdkafka_mock.h>

// A record with one header; without a key where `key` is NULL. Swift cannot call what takes any number of arguments.
static inline rd_kafka_resp_err_t ckafka_produce(
    rd_kafka_t *client, rd_kafka_topic_t *topic, const void *key, size_t key_length, const void *content, size_t length,
    const char *name, const void *value, size_t value_length, void *number) {
    return rd_kafka_producev(
        client, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key, key_length),
        RD_KAFKA_V_VALUE((void *)content, length), RD_KAFKA_V_HEADER(name, value, value_length),
        RD_KAFKA_V_OPAQUE(number), RD_KAFKA_V_END);
}

#endif
