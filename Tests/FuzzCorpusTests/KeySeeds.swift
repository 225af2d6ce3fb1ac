import MPushTestSupport

/// Keys, well written and not, and what is mistaken for them. They are throw-away keys, made for this alone.
enum KeySeeds {
    static func all() throws -> [Seed] {
        let stock = try PacketVectors.load().keys.rsa_public_key_x509_b64
        let pem = pem(stock, "PUBLIC KEY")
        let texts = [
            "base64": stock, "pem": pem, "crlf": pem.replacing("\n", with: "\r\n"), "byte-order-mark": "\u{FEFF}" + pem,
            "base64-2048": longKey, "property-line": "mp.security.public-key=\"\(stock)\"\n",
            "pem-twice": pem + pem, "pem-after-text": "# our key\n" + pem,
            "certificate": Self.pem(certificate, "CERTIFICATE"),
            "private-key": Self.pem(privateKey, "RSA PRIVATE KEY"), "private-key-base64": privateKey,
            "headers":
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n",
            "ssh": "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC+ me@desk\n", "empty": "",
            // Other ends of the DER: an exponent of 1, and a modulus with an even last byte.
            "exponent-1": String(stock.dropLast(4)) + "AAAB",
            "even-modulus": String(stock.dropLast(7)) + "gIDAQAB",
        ]
        let wide = Seed(name: "utf-16", bytes: [0xFF, 0xFE] + pem.utf8.flatMap { [$0, 0] })
        let binary = Seed(name: "der", bytes: [0x0A, 0x30, 0x81, 0x9F, 0x30, 0x0D, 0x06, 0x09])
        return texts.map { Seed(name: $0.key, bytes: Array($0.value.utf8)) } + [wide, binary]
    }

    private static func pem(_ base64: String, _ label: String) -> String {
        var lines = ["-----BEGIN \(label)-----"]
        var rest = base64.filter { !$0.isWhitespace }[...]
        while !rest.isEmpty {
            lines.append(String(rest.prefix(64)))
            rest = rest.dropFirst(64)
        }
        return (lines + ["-----END \(label)-----", ""]).joined(separator: "\n")
    }

    private static let longKey = """
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1j6l3tV4aBulXV3I8t+w
        ZoL5ZLYjfKGqC+dBckQQCvkJAotYHzhWqXCH6SCvsL8CuEsMTd+UvVC9oO5g0X6i
        Fir9RyU+FiFVejego2S+cvH9mgzMjCIbVxVsW/dXc4gik2+PLIbbHFNG5EA91Qwg
        Zt4HT7uAFWWtmV6KFgv0/f60HTlnxrmNLDZ0KOPQHrd+H43HASHnayIrrShGS5Po
        NGc4ctRt8uh/U7mR1oF2ztyV7Xw2NL4WzTXJ35h6hvB0U9M5mUXNTBXmiuWQ6/38
        jN6ZCgA0O3ZKDsJWP9Bqe8bP9rK4+C4RAX1HTOYxSsyUPdT8JlUP0QyHfC47AeI6
        EwIDAQAB
        """

    private static let privateKey = """
        MIICXgIBAAKBgQCugJm8ub6PFL//LZGXpBYJNj7b2vrfiNnyDORwEgW5YTcrR6Yb
        VKyuT5u+uAznIR8CI5JAlO+i8/GWwMV9ren0C1iPvF4C8vgojpG3CDYI8VqVGtDC
        5JLmraSajhdO3NLW4L1eWFkNynpNYUByNpXCylxtUo6KtKVmb03rOtL60wIDAQAB
        AoGAZBINl+Pw+r6MiDrKpmqL1IaOL6h5e91QFvX7vqUnMTMl3yT8heneCSxQBWQo
        yhb9YE2j3nNKpWk9nxU3bCZi5gT482T38dlzYBcEF4HrfpcDQEARR51q1DMPmFQq
        OY8Ujqm0lC+eb755wq+OFrL9uDtXzoNa1a9IvrupRpFcQ/ECQQDhm0li76LC54i3
        SsofnL2GlgkSBpBUnfG9fDL3gLwRTO0g2UUtc7yGawTPSXzWKbQ9uvt2To6rdF9s
        OEVGVMCpAkEAxgLVDzysPIkR7rGuDtbMvsoxKKMg3i2axhq+p9aR9/7EHR6eD3KY
        G2QdKiFdoKOQHnWwJrf76ZivoVTUvVIBGwJBAIvnYXYCBxv4uvZ3YaqC56ELb6qG
        +YAPxjZsS6riYT4VR0PEmLqb+AAfY4csGkcw634QcxolkyHN89LHfmYj7qkCQQCx
        iQiOyM+E10EEyrpNA7o/tfmtfdWSX0FOLdyTj4cA26Pql/EP2KcYqAKeK5xO01f8
        d3igvoVXRFb0R6MWu9fRAkEAyFhqTEwY+Gu8wL4j9JUCHJ1QeP6WEwgC2wFW9PrT
        FgBKI32x12N8xVbPwfyTuf82gxeJkYCl5FO2mfvug7h4mQ==
        """

    private static let certificate = """
        MIIBbTCCAROgAwIBAgIUfG9yagxnd4tfFGnhr4IWCH8c98EwCgYIKoZIzj0EAwIw
        DDEKMAgGA1UEAwwBeDAeFw0yNjExMjYxMjU4MzRaFw0zNjExMjMxMjU4MzRaMAwx
        CjAIBgNVBAMMAXgwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASUhCpc7cjm9yNM
        YRsfsguu9h/CGGfG2BDqQ2w6gn1NyaKSaibxs+VduD5GMO3VSgV9PFolfGgoG7UD
        IzE8A+w2o1MwUTAdBgNVHQ4EFgQUHGlKQMzGzlIncTGZ1mY3JKeuuo8wHwYDVR0j
        BBgwFoAUHGlKQMzGzlIncTGZ1mY3JKeuuo8wDwYDVR0TAQH/BAUwAwEB/zAKBggq
        hkjOPQQDAgNIADBFAiEAsb5vcq9iel9y8b1FbTJgd2Jm46tONtqN+GWZQEN3s+oC
        IFCiLhrCywQ7sBvm9d6ykbZbO85vW+SEaMhOIPsQDjYT
        """
}
