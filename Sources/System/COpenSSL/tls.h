#ifndef MPUSH_COPENSSL_TLS_H
#define MPUSH_COPENSSL_TLS_H

// One inline function or constant for each macro of OpenSSL's TLS and X.509 headers that Swift does not import.
// The name is OpenSSL's with a C before it; no logic here.

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

static const uint64_t CSSL_OP_NO_COMPRESSION = SSL_OP_NO_COMPRESSION;
static const uint64_t CSSL_OP_NO_RENEGOTIATION = SSL_OP_NO_RENEGOTIATION;
static const uint64_t CSSL_OP_NO_TICKET = SSL_OP_NO_TICKET;
static const uint64_t CSSL_OP_CIPHER_SERVER_PREFERENCE = SSL_OP_CIPHER_SERVER_PREFERENCE;

static inline long CSSL_CTX_set_min_proto_version(SSL_CTX *context, int version) {
    return SSL_CTX_set_min_proto_version(context, version);
}

static inline long CSSL_CTX_set_max_proto_version(SSL_CTX *context, int version) {
    return SSL_CTX_set_max_proto_version(context, version);
}

static inline long CSSL_CTX_set_mode(SSL_CTX *context, long mode) {
    return SSL_CTX_set_mode(context, mode);
}

static inline long CSSL_CTX_set_session_cache_mode(SSL_CTX *context, long mode) {
    return SSL_CTX_set_session_cache_mode(context, mode);
}

static inline long CSSL_CTX_add1_chain_cert(SSL_CTX *context, X509 *certificate) {
    return SSL_CTX_add1_chain_cert(context, certificate);
}

static inline long CSSL_set_tlsext_host_name(SSL *ssl, const char *name) {
    return SSL_set_tlsext_host_name(ssl, name);
}

static inline int CSSL_get_ex_new_index(void) {
    return SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}

static inline int Csk_GENERAL_NAME_num(const GENERAL_NAMES *names) {
    return sk_GENERAL_NAME_num(names);
}

static inline const GENERAL_NAME *Csk_GENERAL_NAME_value(const GENERAL_NAMES *names, int index) {
    return sk_GENERAL_NAME_value(names, index);
}

/// The host name that `name` is; NULL where it is a name of another kind. The members of the union are told apart by the
/// type alone, and are structs of different shapes: nothing may look at one before it has looked at the type.
/// RFC 5280 section 4.2.1.6, GENERAL_NAME_get0_value(3).
static inline const ASN1_STRING *CGENERAL_NAME_get0_dns(const GENERAL_NAME *name) {
    return name != NULL && name->type == GEN_DNS ? name->d.dNSName : NULL;
}

/// The bytes of the IP address that `name` is; NULL where it is a name of another kind.
static inline const ASN1_STRING *CGENERAL_NAME_get0_address(const GENERAL_NAME *name) {
    return name != NULL && name->type == GEN_IPADD ? name->d.iPAddress : NULL;
}

static inline int Csk_X509_num(const STACK_OF(X509) *stack) {
    return sk_X509_num(stack);
}

static inline X509 *Csk_X509_value(const STACK_OF(X509) *stack, int index) {
    return sk_X509_value(stack, index);
}

/// A new stack that holds no references of its own: whoever pushes keeps what is pushed. sk_X509_new_null(3).
static inline STACK_OF(X509) *Csk_X509_new(void) {
    return sk_X509_new_null();
}

static inline int Csk_X509_push(STACK_OF(X509) *stack, X509 *certificate) {
    return sk_X509_push(stack, certificate);
}

static inline void Csk_X509_free(STACK_OF(X509) *stack) {
    sk_X509_free(stack);
}

static inline int Csk_SSL_CIPHER_num(const STACK_OF(SSL_CIPHER) *stack) {
    return sk_SSL_CIPHER_num(stack);
}

static inline const SSL_CIPHER *Csk_SSL_CIPHER_value(const STACK_OF(SSL_CIPHER) *stack, int index) {
    return sk_SSL_CIPHER_value(stack, index);
}

/// The CRL number of a list: 1 where it has one that fits. In C, because the extension's value comes as `void *`, and its
/// type is that of the extension. X509_CRL_get_ext_d2i(3).
static inline int copenssl_CRL_get_number(const X509_CRL *list, int64_t *number) {
    ASN1_INTEGER *integer = X509_CRL_get_ext_d2i(list, NID_crl_number, NULL, NULL);
    if (integer == NULL) return 0;
    int fits = ASN1_INTEGER_get_int64(number, integer);
    ASN1_INTEGER_free(integer);
    return fits;
}

/// Adds the reason to an entry of a revocation list. In C, because the value goes through `void *`: its type has to be that of
/// the extension. X509_REVOKED_add1_ext_i2d(3).
static inline int copenssl_REVOKED_add1_reason(X509_REVOKED *entry, ASN1_ENUMERATED *reason) {
    return X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason, 0, 0);
}

static inline long CBIO_get_mem_data(BIO *bio, char **bytes) {
    return BIO_get_mem_data(bio, bytes);
}

static inline EVP_PKEY *CEVP_EC_gen(const char *curve) {
    return EVP_EC_gen(curve);
}

#endif
