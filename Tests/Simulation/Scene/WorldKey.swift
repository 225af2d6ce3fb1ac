import MPushCipher

/// The key of all servers of a world. It is no secret, and no server outside of a world has it.
enum WorldKey {
    /// Read anew for each world: OpenSSL keeps with a key what it drew by chance to blind it.
    static func load() throws(CipherError) -> RSAPrivateKey { try RSAPrivateKey(pem: pem) }

    private static let pem = """
        -----BEGIN PRIVATE KEY-----
        MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBAMhDJxfiO+BjNrCD
        IjNHVuPI71Heqoj26JWadA6766sSvMSmO6o0g/hwRg9mMnVkiU3Z3uv1pQ9AIHpY
        YgnIESp4DB9P4rbA5WnKk5RooHAL+0Kdf/NXg3/wRtXDe4nS5BBa2Yauol+59MMf
        KgbR24SA2Q7R7SsaHi6uou0V1/hJAgMBAAECgYBiHnTTAOdxY2ryRO3GzhdGd7a6
        GCzZ+o+ubQScC3rGUOHoP8JP/HcEjI3nEZ17Ywza9fqBBdQfir3e89rlC/9MPnPY
        rujfYOk4FhsLDrmDneaDlez+Mtsy0bX33uDPbKgkZ4zqTMbsHozUsq1Y74PvRGvp
        js8WfpalPAaEnICsAQJBAPumSEJZLU79kQLvbExGWFPU+dqn2rWW+tuAclV3/T67
        4LWsgjGoLHYkMqH85+6fuSbpHj0g6fNn+5srBmXrA0ECQQDLuXKTgyP8yJIBKZe6
        mnXtnNtTZgoPUA1jqlwvEqGAyXqrdrORndrB4r93qKrElHmpSXz0+V52B6o2kNGA
        /RsJAkEAwQQCanlx6iNNBX5Uh5BxESPK3G5gr2V1VcUIbQvSfzqlmVMOrT27lIYh
        G+QalQmHfxPQ8Lv9FYgNETAIAUYnwQJBAIvTQ52VU7zrGLLtjjNIUop8r1hlX6A0
        7IusYMr6OZkAME7BEOxv8LZEX+/L9zEnSv1y7+3fvgK6rgv3h6PFlKkCQHyGQ5Jx
        GmOd9OhKPjcVmaL+FMR3b1UARQf0RyXh65CFIXa52UClI37101FuDJRYoBIX/a3W
        /MqFYLnkohYS95U=
        -----END PRIVATE KEY-----

        """
}
