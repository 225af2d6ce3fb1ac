// What MPushCipher needs of OpenSSL and Swift cannot import: macros, and functions with variable arguments.
#ifndef MPUSH_COPENSSL_CIPHER_H
#define MPUSH_COPENSSL_CIPHER_H

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

/// A new RSA key pair, or NULL. EVP_RSA_gen(3).
static inline EVP_PKEY *copenssl_RSA_generate(unsigned int bits) { return EVP_RSA_gen(bits); }

/// Builds a key pair in `pkey` from parameters. EVP_PKEY_fromdata(3).
static inline int copenssl_PKEY_keypair_fromdata(EVP_PKEY_CTX *context, EVP_PKEY **pkey, OSSL_PARAM *parameters) {
    return EVP_PKEY_fromdata(context, pkey, EVP_PKEY_KEYPAIR, parameters);
}

#endif
