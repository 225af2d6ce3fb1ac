/// The `code` of an OK or ERROR (PROTOCOL.md section 4.5). Any byte can come; these have a meaning.
package struct ReasonCode: RawRepresentable, Hashable, Sendable {
    package let rawValue: Int8

    package init(rawValue: Int8) {
        self.rawValue = rawValue
    }

    package static let none = ReasonCode(rawValue: 0)
    package static let offline = ReasonCode(rawValue: 1)
    package static let pushFailed = ReasonCode(rawValue: 2)
    package static let routerChanged = ReasonCode(rawValue: 3)
    package static let ackTimeout = ReasonCode(rawValue: 4)
    package static let dispatchError = ReasonCode(rawValue: 100)
    package static let unsupportedCommand = ReasonCode(rawValue: 101)
    package static let repeatedHandshake = ReasonCode(rawValue: 102)
    package static let sessionExpired = ReasonCode(rawValue: 103)
    package static let invalidDevice = ReasonCode(rawValue: 104)
    package static let unknown = ReasonCode(rawValue: -1)
}
