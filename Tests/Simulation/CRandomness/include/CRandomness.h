#ifndef CRANDOMNESS_H
#define CRANDOMNESS_H

#include <stdint.h>

/// All randomness of OpenSSL in this process comes from `seed` from now on (RAND_set_rand_method(3)). For one thread.
/// Returns 0 where OpenSSL refuses.
int crandomness_seed(uint64_t seed);

#endif
