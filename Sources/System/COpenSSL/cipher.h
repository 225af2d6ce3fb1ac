// What MPushCipher needs of OpenSSL and Swift cannot import: macros, and functions with variable arguments.
#ifndef MPUSH_COPENSSL_CIPHER_H
#define MPUSH_COPENSSL_CIPHER_H

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>

/// A new RSA key pair, or NULL. EVP_RSA_gen(3).
static inline EVP_PKEY *copenssl_RSA_generate(unsigned int bits) { return EVP_RSA_gen(bits); }

/// Adds the three numbers of an RSA key pair. In C, because the builder keeps the pointers to the names: they must be C's
/// own literals. OSSL_PARAM_BLD(3).
static inline int copenssl_PARAM_BLD_push_RSA(
    OSSL_PARAM_BLD *builder, const BIGNUM *modulus, const BIGNUM *publicExponent, const BIGNUM *privateExponent) {
    return OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus)
        && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, publicExponent)
        && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_D, privateExponent);
}

/// Builds a key pair in `pkey` from parameters. EVP_PKEY_fromdata(3).
static inline int copenssl_PKEY_keypair_fromdata(EVP_PKEY_CTX *context, EVP_PKEY **pkey, OSSL_PARAM *parameters) {
    return EVP_PKEY_fromdata(context, pkey, EVP_PKEY_KEYPAIR, parameters);
}

#endif
