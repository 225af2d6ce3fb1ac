// OpenSSL's interface for another source of randomness is deprecated in favour of providers, which need more code than all
// of this world's chance.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "CRandomness.h"
#include <openssl/rand.h>

static uint64_t state;

static uint64_t next(void) {
    // SplitMix64 (Steele, Lea, Flood 2014).
    uint64_t word = (state += 0x9E3779B97F4A7C15u);
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9u;
    word = (word ^ (word >> 27)) * 0x94D049BB133111EBu;
    return word ^ (word >> 31);
}

static int fill(unsigned char *bytes, int count) {
    for (int index = 0; index < count; index += 8) {
        uint64_t word = next();
        for (int offset = 0; offset < 8 && index + offset < count; offset++) bytes[index + offset] = (unsigned char)(word >> (8 * offset));
    }
    return 1;
}

static int is_ready(void) { return 1; }

static const RAND_METHOD method = {.bytes = fill, .pseudorand = fill, .status = is_ready};

int crandomness_seed(uint64_t seed) {
    state = seed;
    return RAND_set_rand_method(&method);
}
