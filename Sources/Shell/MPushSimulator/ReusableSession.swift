/// What the server keeps of a session, so that FAST_CONNECT can take it up (PROTOCOL.md section 4.2).
package struct ReusableSession: Equatable, Sendable {
    package let deviceID: String
    package let osName: String
    package let keys: SessionKeys

    package init(deviceID: String, osName: String, keys: SessionKeys) {
        self.deviceID = deviceID
        self.osName = osName
        self.keys = keys
    }
}
