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

/// SHA-256, fetched from its provider once: EVP_sha256 is looked up anew at each use, which costs as much as the hash of a
/// short text. It is kept for as long as the process lives. EVP_MD_fetch(3), crypto(7).
static inline const EVP_MD *copenssl_sha256(void) {
    static EVP_MD *fetched;
    EVP_MD *known = __atomic_load_n(&fetched, __ATOMIC_ACQUIRE);
    if (known != NULL) return known;
    EVP_MD *mine = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (mine == NULL) return EVP_sha256();
    if (__atomic_compare_exchange_n(&fetched, &known, mine, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return mine;
    EVP_MD_free(mine);
    return known;
}

/// Builds a key pair in `pkey` from parameters. EVP_PKEY_fromdata(3).
static inline int copenssl_PKEY_keypair_fromdata(EVP_PKEY_CTX *context, EVP_PKEY **pkey, OSSL_PARAM *parameters) {
    return EVP_PKEY_fromdata(context, pkey, EVP_PKEY_KEYPAIR, parameters);
}

#endif
