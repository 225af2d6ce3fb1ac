import MPushModel
import Testing

/// What leaves the machine in a report has nothing in it that somebody planted.
@Suite struct RedactionTests {
    @Test(arguments: [
        "password = s3cret", "identity.credential: s3cret", "Authorization: Bearer s3cret", "x-api-key: s3cret",
        "got https://u:s3cret@h.example/", "GET https://h.example/cb?token=s3cret", "see https://h.example/s3cret/x",
        "Location: /login;s3cret", "Set-Cookie: id=s3cret; Path=/", "sent Bearer s3cret", "sent Basic s3cret",
        #"{"position":1,"content":"s3cret"}"#, "proxy http://user:s3cret@proxy:3128", "max_body: s3cret",
        "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\ns3cret",
    ])
    func plantedSecretsAreWithheld(text: String) {
        let shown = Redaction.text("before\n" + text, withholdsQuotes: false)
        #expect(shown.hasPrefix("before\n"))
        #expect(shown.contains(Redaction.mark))
        #expect(!shown.contains("s3cret"), "\(shown)")
    }

    @Test func randomLookingWordsAreWithheld() {
        for word in [
            "QWxhZGRpbjpvcGVuIHNlc2FtZTEyMw==", "0123456789abcdef0123456789abcdef", "x=aB3dE6gH9jK2mN5pQ8sT1vW4",
        ] {
            #expect(Redaction.text("said \(word) to it").contains(Redaction.mark), "\(word)")
        }
    }

    @Test func wordsOfOthersGoWithTheirQuotationMarks() {
        #expect(
            Redaction.text(#"exit status 3 ("no printer s3cret") at 10"#, withholdsQuotes: true)
                == #"exit status 3 ("[withheld]") at 10"#)
        #expect(!Redaction.text(#"open "s3cret and more"#, withholdsQuotes: true).contains("s3cret"))
    }

    @Test(arguments: [
        "connection lost: missed reads (2 in a row, 201 s silent)",
        "mpush_messages_received_total{identity=\"alice\"} 3",
        "online as alice at push.example.com:3443 (resumed in 71 ms, heartbeat 180 s)",
        "2026-11-27T01:02:03+0000 host mpushd[812]: certificate expired (CN=push.example.com, issued by Example CA)",
        "http://push.example.com/", "",
    ])
    func whatHelpsStays(text: String) {
        #expect(Redaction.text(text) == text)
    }
}
