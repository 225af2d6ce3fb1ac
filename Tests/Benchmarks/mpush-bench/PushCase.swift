/// One kind of stream, and what the daemon does with it.
struct PushCase {
    let contentLength: Int
    /// Whether each push has a TLS record of its own, as a server sends it that pushes now and then; otherwise records are
    /// full, as they are in a flood.
    let hasRecordEach: Bool
    /// Whether pushes ask for an ACK, which the daemon gives once they are on the disk, and each is a message of its own;
    /// otherwise all are the same message: read, decrypted and recognised, so that the disk is left out.
    let isAcknowledged: Bool

    static let all = [
        PushCase(contentLength: 200, hasRecordEach: true, isAcknowledged: false),
        PushCase(contentLength: 200, hasRecordEach: false, isAcknowledged: false),
        PushCase(contentLength: 1024, hasRecordEach: true, isAcknowledged: false),
        PushCase(contentLength: 1024, hasRecordEach: false, isAcknowledged: false),
    ]

    /// Those that the disk takes part in.
    static let stored = [
        PushCase(contentLength: 200, hasRecordEach: true, isAcknowledged: true),
        PushCase(contentLength: 200, hasRecordEach: false, isAcknowledged: true),
        PushCase(contentLength: 1024, hasRecordEach: true, isAcknowledged: true),
    ]

    var name: String {
        let records = hasRecordEach ? "a record each" : "16 KiB records"
        return "\(contentLength) B, \(records)\(isAcknowledged ? "" : "")"
    }

    /// How many pushes make one run where a run of the shortest has `count`: about as many bytes.
    func pushes(of count: Int) -> Int { max(1000, count * 200 / contentLength) }
}
