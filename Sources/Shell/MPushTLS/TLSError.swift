package import MPushCause

/// What travels down the pipeline, once, when a TLS connection fails; the channel is closed after it.
package struct TLSError: Error, Equatable, Sendable {
    /// Which of the failures it was.
    package let failure: TLSFailure

    package init(_ failure: TLSFailure) {
        self.failure = failure
    }
}
