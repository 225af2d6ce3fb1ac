/// Why the inbox cannot do its work.
package struct InboxFailure: Error, Equatable, Sendable {
    package enum Kind: String, Equatable, Sendable {
        case diskFull = "disk-full"
        case readOnly = "read-only"
        case damaged
        /// Any other trouble with the disk or the file.
        case disk
        /// What was asked for cannot be: a consumer or a message that is not there.
        case noSuch = "no-such"
        /// The inbox is closed, or too much waits for it.
        case busy
    }

    package let kind: Kind
    /// In words, with the file.
    package let detail: String

    package init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }
}
