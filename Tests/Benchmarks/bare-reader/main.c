// The yardstick of the throughput benchmark: reads a TLS stream with nothing but OpenSSL, and counts.
//
// usage: mpush-bare-reader PORT CA_FILE bare|ahead|frames [KEY IV]
//
//   bare     SSL_read in a loop, OpenSSL as it comes
//   ahead    the same with SSL_CTX_set_read_ahead(3), which saves a system call or two for each record
//   frames   the same as ahead, and each frame of MPush is found and its body decrypted with KEY and IV (in hexadecimal)
//
// At the end of the stream it writes how many bytes and frames it has seen, and waits for the end of its standard input,
// so that whoever started it can read its CPU time.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { header_length = 13, read_size = 16384, read_ahead_size = 65536, longest_body = 1 << 20 };

struct frames {
    EVP_CIPHER_CTX *cipher;
    unsigned char iv[16];
    unsigned char pending[header_length + longest_body + read_size];
    size_t pending_length;
    unsigned char plain[longest_body + 16];
    unsigned long long count;
};

static void fail(const char *what) {
    fprintf(stderr, "mpush-bare-reader: %s\n", what);
    exit(EXIT_FAILURE);
}

static void read_hex(const char *text, unsigned char *bytes, size_t count) {
    for (size_t index = 0; index < count; index++) {
        if (sscanf(text + 2 * index, "%2hhx", &bytes[index]) != 1) fail("not hexadecimal");
    }
}

static int connect_to(const char *port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((in_port_t)atoi(port))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) fail("cannot connect");
    int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return descriptor;
}

static SSL *secure(int descriptor, const char *authorities, int reads_ahead) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (context == NULL || SSL_CTX_load_verify_locations(context, authorities, NULL) != 1) fail("cannot read the CA file");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    if (reads_ahead) {
        SSL_CTX_set_read_ahead(context, 1);
        SSL_CTX_set_default_read_buffer_len(context, read_ahead_size);
    }
    SSL *ssl = SSL_new(context);
    if (ssl == NULL || SSL_set_fd(ssl, descriptor) != 1 || SSL_connect(ssl) != 1) fail("no TLS connection");
    return ssl;
}

static void decrypt(struct frames *frames, const unsigned char *body, size_t length) {
    int updated = 0, finished = 0;
    if (EVP_DecryptInit_ex(frames->cipher, NULL, NULL, NULL, frames->iv) != 1
        || EVP_DecryptUpdate(frames->cipher, frames->plain, &updated, body, (int)length) != 1
        || EVP_DecryptFinal_ex(frames->cipher, frames->plain + updated, &finished) != 1) fail("a body cannot be decrypted");
}

static void take(struct frames *frames, const unsigned char *bytes, size_t count) {
    memcpy(frames->pending + frames->pending_length, bytes, count);
    frames->pending_length += count;
    size_t position = 0;
    while (frames->pending_length - position >= header_length) {
        const unsigned char *header = frames->pending + position;
        size_t length = (size_t)header[0] << 24 | (size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3];
        if (length > longest_body) fail("a body is too long");
        if (frames->pending_length - position < header_length + length) break;
        if (header[7] & 1) decrypt(frames, header + header_length, length);
        position += header_length + length;
        frames->count++;
    }
    frames->pending_length -= position;
    memmove(frames->pending, frames->pending + position, frames->pending_length);
}

static struct frames *make_frames(const char *key_text, const char *iv_text) {
    struct frames *frames = calloc(1, sizeof *frames);
    unsigned char key[16];
    if (frames == NULL || strlen(key_text) != 32 || strlen(iv_text) != 32) fail("KEY and IV have 32 digits each");
    read_hex(key_text, key, sizeof key);
    read_hex(iv_text, frames->iv, sizeof frames->iv);
    frames->cipher = EVP_CIPHER_CTX_new();
    if (EVP_DecryptInit_ex(frames->cipher, EVP_aes_128_cbc(), NULL, key, frames->iv) != 1) fail("no cipher");
    return frames;
}

int main(int count, char **arguments) {
    if (count != 4 && count != 6) fail("usage: mpush-bare-reader PORT CA_FILE bare|ahead|frames [KEY IV]");
    struct frames *frames = count == 6 ? make_frames(arguments[4], arguments[5]) : NULL;
    SSL *ssl = secure(connect_to(arguments[1]), arguments[2], strcmp(arguments[3], "bare") != 0);
    static unsigned char buffer[read_size];
    unsigned long long bytes = 0;
    int got;
    while ((got = SSL_read(ssl, buffer, sizeof buffer)) > 0) {
        bytes += (unsigned long long)got;
        if (frames != NULL) take(frames, buffer, (size_t)got);
    }
    if (SSL_get_error(ssl, got) != SSL_ERROR_ZERO_RETURN) fail("the stream was cut off");
    SSL_shutdown(ssl);
    close(SSL_get_fd(ssl));
    printf("%llu %llu\n", bytes, frames != NULL ? frames->count : 0);
    fflush(stdout);
    while (read(STDIN_FILENO, buffer, sizeof buffer) > 0) {
    }
    return EXIT_SUCCESS;
}
