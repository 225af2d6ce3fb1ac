/// Throw-away keys of 1024 bits, made by `openssl genrsa` for these tests alone: one key in all its forms, and others.
enum SampleKeys {
    /// An X.509 SubjectPublicKeyInfo.
    static let publicKey = """
        -----BEGIN PUBLIC KEY-----
        MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCgN4dXV3Nyd2zsrdMT6FVMU+mG
        s7iZLO11KDoBgPnah53HpDnzCXMIORlZ/Caq3eB0yULMP5MWpRhLzHd9E/w0h4Iy
        GrH4TBE0z9bDDxKsgxR8igFQjPWzrwYcLGxRfiNXOyEuH+rbdfWwNPXjB4DPlpDu
        GyI5VeI/lfGYg1Ed+QIDAQAB
        -----END PUBLIC KEY-----

        """

    /// The other half, PKCS#8.
    static let privateKey = """
        -----BEGIN PRIVATE KEY-----
        MIICdQIBADANBgkqhkiG9w0BAQEFAASCAl8wggJbAgEAAoGBAKA3h1dXc3J3bOyt
        0xPoVUxT6YazuJks7XUoOgGA+dqHncekOfMJcwg5GVn8Jqrd4HTJQsw/kxalGEvM
        d30T/DSHgjIasfhMETTP1sMPEqyDFHyKAVCM9bOvBhwsbFF+I1c7IS4f6tt19bA0
        9eMHgM+WkO4bIjlV4j+V8ZiDUR35AgMBAAECgYAtwc4gbrRlA6CTM82tyNPbmbd/
        JgLZlFA4/oUaethgxgyUwN1gANnehlgsL+xnLjj1galXJez/MaVvuHSDv1puvlFl
        nOecOe8C5/7cCcyhOqSuru/TzJmlQrH4J6xdXmp0AveXL1pNKortvL0L1cp9/GU1
        29yhZ/p0XyVZ8kKOEQJBANV6hYF9mmWNoBmgJYOXIryHlZUsvr3IOPgmA6y4gWyV
        S0KoLm3aTu+rAwwJKDufUAzUOmPXKXWbEqZ5ksEKRT0CQQDAISR6DtyPOLaFsGmI
        yuvkwFajOVWp9JHPktkG4fyzcW2DGT3AL87xtnbWd3OmFfC/WZCQZtLP03W7Zxov
        QF9tAkANnnxn73BrLCbbm6jpBTpVFr1HQAyHJP/lbN9tJHQ1Tiz3+qzDm1rP1XQj
        T24+p4I+30c+WVquww7kifr/z7ztAkBr7jJfnxmoG2Ptljyy68u4pZQF/Z9x6kI/
        KW9hvnIHHCE5FGTsIe9POgFoWZJOKuUjmVzswdaLiW8J59F92dvBAkAXCJ7Yp4Rb
        V6591ySEXw397zY0/Dw+brP9lK5BzbJcTVMCuZXNakXQ9nPso0a/SW1jVUM5HVOV
        nigLI27XcZjw
        -----END PRIVATE KEY-----

        """

    /// The public half, PKCS#1.
    static let traditionalPublicKey = """
        -----BEGIN RSA PUBLIC KEY-----
        MIGJAoGBAKA3h1dXc3J3bOyt0xPoVUxT6YazuJks7XUoOgGA+dqHncekOfMJcwg5
        GVn8Jqrd4HTJQsw/kxalGEvMd30T/DSHgjIasfhMETTP1sMPEqyDFHyKAVCM9bOv
        BhwsbFF+I1c7IS4f6tt19bA09eMHgM+WkO4bIjlV4j+V8ZiDUR35AgMBAAE=
        -----END RSA PUBLIC KEY-----

        """

    /// The private half, PKCS#1.
    static let traditionalPrivateKey = """
        -----BEGIN RSA PRIVATE KEY-----
        MIICWwIBAAKBgQCgN4dXV3Nyd2zsrdMT6FVMU+mGs7iZLO11KDoBgPnah53HpDnz
        CXMIORlZ/Caq3eB0yULMP5MWpRhLzHd9E/w0h4IyGrH4TBE0z9bDDxKsgxR8igFQ
        jPWzrwYcLGxRfiNXOyEuH+rbdfWwNPXjB4DPlpDuGyI5VeI/lfGYg1Ed+QIDAQAB
        AoGALcHOIG60ZQOgkzPNrcjT25m3fyYC2ZRQOP6FGnrYYMYMlMDdYADZ3oZYLC/s
        Zy449YGpVyXs/zGlb7h0g79abr5RZZznnDnvAuf+3AnMoTqkrq7v08yZpUKx+Ces
        XV5qdAL3ly9aTSqK7by9C9XKffxlNdvcoWf6dF8lWfJCjhECQQDVeoWBfZpljaAZ
        oCWDlyK8h5WVLL69yDj4JgOsuIFslUtCqC5t2k7vqwMMCSg7n1AM1Dpj1yl1mxKm
        eZLBCkU9AkEAwCEkeg7cjzi2hbBpiMrr5MBWozlVqfSRz5LZBuH8s3Ftgxk9wC/O
        8bZ21ndzphXwv1mQkGbSz9N1u2caL0BfbQJADZ58Z+9waywm25uo6QU6VRa9R0AM
        hyT/5WzfbSR0NU4s9/qsw5taz9V0I09uPqeCPt9HPllarsMO5In6/8+87QJAa+4y
        X58ZqBtj7ZY8suvLuKWUBf2fcepCPylvYb5yBxwhORRk7CHvTzoBaFmSTirlI5lc
        7MHWi4lvCefRfdnbwQJAFwie2KeEW1eufdckhF8N/e82NPw8Pm6z/ZSuQc2yXE1T
        ArmVzWpF0PZz7KNGv0ltY1VDOR1TlZ4oCyNu13GY8A==
        -----END RSA PRIVATE KEY-----

        """

    /// Self-signed, of the same key.
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIB9DCCAV2gAwIBAgIUMV1vBfKl8N1BkS1Pp3VrpNH/CA0wDQYJKoZIhvcNAQEL
        BQAwDDEKMAgGA1UEAwwBeDAeFw0yNjExMjIxMjU5MDlaFw0zNjExMTkxMjU5MDla
        MAwxCjAIBgNVBAMMAXgwgZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJAoGBAKA3h1dX
        c3J3bOyt0xPoVUxT6YazuJks7XUoOgGA+dqHncekOfMJcwg5GVn8Jqrd4HTJQsw/
        kxalGEvMd30T/DSHgjIasfhMETTP1sMPEqyDFHyKAVCM9bOvBhwsbFF+I1c7IS4f
        6tt19bA09eMHgM+WkO4bIjlV4j+V8ZiDUR35AgMBAAGjUzBRMB0GA1UdDgQWBBRP
        eANtW4KGrLmLTAkuJTXkKhNahTAfBgNVHSMEGDAWgBRPeANtW4KGrLmLTAkuJTXk
        KhNahTAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4GBAE3GoiMNXLGp
        vGjT3U1kEQt+dAK6hQhD72GPHQdAGxj5oaSBByf5nr+fiCPKEPbhsAdffiLKzrbJ
        PmeqMMhP4Zd7bVA+VYwghWaGXgn9Lp/NSAaKu/CUblwBQgzsSsZd58nWo0nqaZSN
        oK+jMcnllqko+WXuElwdR7sgO+81vFe4
        -----END CERTIFICATE-----

        """

    /// A key that is not RSA.
    static let ed25519PublicKey = """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEAceYBCOY8Na+y5vUxVgM6IV6OeJEqno89j1LDYQS978s=
        -----END PUBLIC KEY-----

        """

    /// The private half under a passphrase.
    static let traditionalPrivateKeyWithHeaders = """
        -----BEGIN RSA PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-128-CBC,1E16ABD2B3371D074EFDB1EA566604FF

        ppipLVWQ7QNZ4MCHarV64IBB400OTDPgYwFtnj6Uli8LCzR+9CA4QaMdU68fB3/A
        Ke+zB8LnLfoRvhR3WUA64wqXOZHwhWGLypP0RwCcrKAGTSgYe17HGCWKf3XM9jrS
        P0cGvXm+tYfZMqszwXgrGbMs7u88GJWiVK/Lv8bAsSPug7vcKD5lb3h2wNUGOUdB
        cDETIBAXGRNvex7LF6V0PjPaUR7KV2rjt9Y8/ZGqi35e7dgBmoSd4SGLpDzR0Bzv
        6yIWtdKT1KQT2WNgSB3+Ly/XmRjjbFeNZisNMdzVbTBIdluAblf+fI82FmKIe4KP
        a0pY/XuNbrdN16cJCsxWlC61XdKax2kq6JkVZk3w1WdAENwimVSWCKdErHMF7Tw3
        NL0ZDTeKTLq1gVXgPe2CJMybMjeUtAwXbj1wDXj0SBeX+oKPAsbpZI7NaXya27Ji
        W249iP/LkfDoWGsAv3de1QxCJil1cQAfokEPjvTl28iod89NAvZgxf1H63xwAALy
        W5JmwAa9T/FOuUBpHeqJYTQrQ0xYpEVdu1E61mRRNiSX7vfXQa2+NETW+6ZQ7F1V
        HcHOFcxj9v/HHZuO29KKmOsiM3EOlVPiLDifad7ZZJyHR7dnSiibkw599c8blWp3
        LUKWM1Jxc3FnXZxdV3vsa8FTpo8VqGogAmb5m6eJV/t4P2i2DLsCacsBO12TPWtZ
        XQKwRNvsAI0OpZdLT6bXeySQBHxvamSoV49lRnUUqS9NTqpG9UOGga6JQqxRvlqp
        ix6f/Ka1vo+5BPlW97Q+jbLltVIeSaeFm9Y/eu6oLG8=
        -----END RSA PRIVATE KEY-----

        """
}
