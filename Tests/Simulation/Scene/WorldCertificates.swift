import MPushModel
import MPushTLS

/// The certificates of worlds with TLS: one for all servers of a world, and the authority that vouches for it. Both are good
/// from 2020 to 2049. The key is RSA's, whose signatures all have the same length: what OpenSSL puts into a message by the
/// real clock (the age of a ticket, RFC 8446 section 4.2.11) changes no length then, and so nothing of what happens. It is
/// no secret, and no server outside of a world has it.
enum WorldCertificates {
    static var server: TLSServerSettings {
        TLSServerSettings(
            identity: TLSIdentity(
                certificateChainPEM: Array(certificate.utf8), keyPEM: SecretBytes(Array(key.utf8))))
    }

    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIDDTCCAfWgAwIBAgIBATANBgkqhkiG9w0BAQsFADAoMSYwJAYDVQQDDB1hdXRo
        b3JpdHkgb2Ygc2ltdWxhdGVkIHdvcmxkczAeFw0yMDAxMDEwMDAwMDBaFw00OTEy
        MzEyMzU5NTlaMCgxJjAkBgNVBAMMHWF1dGhvcml0eSBvZiBzaW11bGF0ZWQgd29y
        bGRzMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAt4kmKbopA2Fe/9By
        D9ypHG49NPDjAAi5fhsn6Kfwp41hGQdPdlAtM9g+SZrQPFHI37uS65LXEYbEcQ/7
        AbrzFn7FsOXabIs4HYuBgKkNvHP0lVMkstmqb4qNU28c7VNmEY3wlmMAwYXNBBim
        E9u4YLz/3/QvkBaWfxYG+HAq/qF9+eK+bifV29a6jArO79EWOioJAUuSKHlWddzk
        gCdUAp4JySZjktdU1xFOpzHb4sgLYovY5DaitJPH6lBIQJmN6wa9OERPKXiUKfv+
        mk70+qwsfxPb7sQS+0fioU+e+jSCbNNrFg1LamaC99ikz1+NgLxQhbHFgUyT6pIr
        wA9DpwIDAQABo0IwQDAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwIBBjAd
        BgNVHQ4EFgQU/OUKp6faWBzPCUa8MNL+MZMV86UwDQYJKoZIhvcNAQELBQADggEB
        ABnX462bqgptUChUGSl/f3tqmIm6qVR8ZoTpWNQk83f3I6SRD2Xi5eQwuFXglpTD
        7n6IvxfyJihWiyEICzKXvv0rUmzPxABVDUb0+twzBt5HUbsXsvLhZuRZ6i2VOE5M
        zL+bls74Mwd+m0XBnWcncePPlQLFvYfFyvyWLx18J8c+dHLIlr5OiGZfvQuh4/oV
        ZlURLvOv4xwqlczUIxQnLPXDE0YN17d634ckM5T0LwZqkBf/7f+TGpSvcBgYI7Bd
        S0+GJrONOS7YinYEv3XDYN43JhfordvbE1zsIbyqH5XdyuZO2gwvTrV8e3gXOp8A
        J1r7TY96XmkoBUmLOF1L/54=
        -----END CERTIFICATE-----

        """

    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIDiTCCAnGgAwIBAgIBAjANBgkqhkiG9w0BAQsFADAoMSYwJAYDVQQDDB1hdXRo
        b3JpdHkgb2Ygc2ltdWxhdGVkIHdvcmxkczAeFw0yMDAxMDEwMDAwMDBaFw00OTEy
        MzEyMzU5NTlaMBYxFDASBgNVBAMMC3B1c2gxLndvcmxkMIIBIjANBgkqhkiG9w0B
        AQEFAAOCAQ8AMIIBCgKCAQEArJkCZ2l0occKEEdyXbbq9RH3XXkuwGuACrjLFCrK
        1QMkTGmxvo8QWgFnePkDD2FRF3NaIwfWb/MaE+EvBwZDfB06ghvgIENn5Galx5oH
        uNPlWZIU1LrFCETE/AQON1wE6dPgyZNLC3yPDbiF1MGOlLpA8j30P2NTkEL9SjMJ
        kM5oRX2L1pc+M6ojMASNph85+PxhaVBfSgq9d4z+QCq4Co2RGw28X96oZ5/qIgfF
        stxorTrLh84mEzO71DFb1rreCPxrjNHDBYunfh2ceswRpC6lEWljIPBQXNgg0Mow
        03lxJGLECo014dFkFdPTJY7m4yuMsKOVlmDHEbT0UWoamwIDAQABo4HPMIHMMAwG
        A1UdEwEB/wQCMAAwDgYDVR0PAQH/BAQDAgeAMBMGA1UdJQQMMAoGCCsGAQUFBwMB
        MFcGA1UdEQRQME6CC3B1c2gxLndvcmxkggtwdXNoMi53b3JsZIILcHVzaDMud29y
        bGSCC3B1c2g0LndvcmxkggtwdXNoNS53b3JsZIILaG9va3Mud29ybGQwHQYDVR0O
        BBYEFNCwWd/g/HSfnqWYySRxLRwtZA9NMB8GA1UdIwQYMBaAFPzlCqen2lgczwlG
        vDDS/jGTFfOlMA0GCSqGSIb3DQEBCwUAA4IBAQBNC31GCg9IdMmsm8GvLhrwQLei
        HJaON0uUvmzJFJ6NB6XbnJL2amTtV9jdP4zGxOE6uYXP2rVd8AcOLAsgLAgGY9TB
        oQeb4v+NhxgpRuKm+gFSN4khziBRhZ4kBWDWdGmlwgDfrXNyuGIWJauP8tYc0iVV
        xg36eVNBk9qji2H8izTGpUOCljTl3waC0sPQj+1SaDnzWZrbNAah7jOO9Z48Dd6p
        rWi2wsYxU0/voYmzeakuQbzUOAFUnifmoxZJmE+8aRzZt7m8DoTlbBvX7/PSeTfg
        F80HXNaLHNMruuAaiUnwFolNVUkulJq+KSGZ+dC5q3ByuwmUZUy7Mb9gbTfg
        -----END CERTIFICATE-----

        """

    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCsmQJnaXShxwoQ
        R3Jdtur1EfddeS7Aa4AKuMsUKsrVAyRMabG+jxBaAWd4+QMPYVEXc1ojB9Zv8xoT
        4S8HBkN8HTqCG+AgQ2fkZqXHmge40+VZkhTUusUIRMT8BA43XATp0+DJk0sLfI8N
        uIXUwY6UukDyPfQ/Y1OQQv1KMwmQzmhFfYvWlz4zqiMwBI2mHzn4/GFpUF9KCr13
        jP5AKrgKjZEbDbxf3qhnn+oiB8Wy3GitOsuHziYTM7vUMVvWut4I/GuM0cMFi6d+
        HZx6zBGkLqURaWMg8FBc2CDQyjDTeXEkYsQKjTXh0WQV09MljubjK4ywo5WWYMcR
        tPRRahqbAgMBAAECggEAGpxyxu/2+BSApDbn1rQjsMpm2cYb47YPZVfNk9vvLv2P
        hKqNKaTUMBRkWD4Ib0AhaRyzapBESzlvrV38Srh4AjRdd38FxOOvqoL7D3Xbt+8P
        vworZQsw4s/7kSGs8XMiHM06rMmlee1n/wUSuVVoftzis5bCyF0vnp/9fom08Vro
        Vd2wR1ujrDwxnYMw1GTM8Hx7Pdd6CLo4wSjISUJQJIXiNyh0StF//lVvGX0OVKmv
        XOH1k/u3kekwP/RlJ0WePzsRYfUGNA7i9/6fpnk3VTTu4RpnpQDD+15hcJWQve8i
        /7Dik90YHGuLESa5KwyM53LsRYQrmTSsaS46D8QoeQKBgQDu6wdbPXnjbSFlOqJZ
        HQ4M0klrzQdsWuzJAxmE7e3LDUNZqudqGpB9yDdLs/Abr1OQOr/d2+8eIr6T4a2q
        8FHND3zn9rP9oHNsEQG/isFulr5MG2qcNVssTNMSpwtekwkljnxCbj8rj/E3llj1
        t4Su0TRKRtRCRmeFStY9WfHo8wKBgQC48BqMb+vv+lxbxDz3ZjpTNcnH3Akbdxwx
        zqTD2ASr201QZ6h4REWYZFDoIdrQPTj2evwTaOCZtw3Y9ghHwSklHrUlVrEd5siT
        0uqLV9FvUeNREW0UlniZ4Xg/M0izOo0g4ynG+OAfvYvr+hHhWZN/zpQXeLvaNor4
        O3jSqITxuQKBgQDDGi7BtWwp6l5RGhalivKESd0nKSEcvQuMAvn98YY0QLp1KPkd
        TmAcNzngmipDkWM97pvsAsQ76ceTX8HAS8uhFzq6+l11imd3IlQ5JIhdVMBFykW/
        FltDy+C55KuGKbBYeQjD/t+bJUqoSCCRV7IESFbZKQoArRmwYbKeGytPPQKBgG9S
        EBkC8dl1MY0Hdc9R2L/nu7szJsRCkVUl1yYP7Nfp3QMOMmmaZu4RTGY+orEAeT5c
        z0l7st60QoCbsGZIzlSKxG1iXqDqH0hkCEyyIt5IQ3Wz8J4Y6SVvg+s/Gn7QOs1W
        D/q2KmrQtN3pnEOyoMeo+JmcUi9K76H2Yocja0r5AoGABcbYVKktToJbKTcO/p+q
        jumMEzjfZcp7pwWx2hKCQ9nYFWKTgdEHnuRK/g38fiovdAKes82QWWPw8l7r9Zf9
        BIEoLyUWHjBo04LpJfyYjeTBjirYtEArEv9o4b/9hYBPcGAIVx6iFTOJorKN59Iq
        rbNxR0zSaFyjtzNXDUenEJU=
        -----END PRIVATE KEY-----

        """
}
