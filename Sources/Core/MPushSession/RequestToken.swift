/// Names a request that was asked for from outside the session, so that its outcome finds back.
package struct RequestToken: Hashable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}
