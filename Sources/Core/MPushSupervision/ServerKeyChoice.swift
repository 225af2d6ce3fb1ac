package import MPushModel

/// Which of the server's keys a handshake is encrypted to: the first, and after a refusal the next, for each endpoint by itself:
/// several servers do not change their key at the same moment.
package struct ServerKeyChoice: Equatable, Sendable {
    /// An allocator may name ever new endpoints.
    private static let mostEndpoints = 64

    /// How many there are.
    private var count: Int
    /// Where another than the first was accepted, or is to be tried.
    private var numbers: [Endpoint: Int] = [:]

    package init(of count: Int) {
        self.count = max(1, count)
    }

    /// The number of the key for `endpoint`, from 0.
    package func number(for endpoint: Endpoint) -> Int { numbers[endpoint] ?? 0 }

    /// A connection to `endpoint` has ended: where the server could not decrypt the handshake, the next key is due, after
    /// the last one the first again.
    package mutating func ended(_ cause: LossCause, at endpoint: Endpoint) {
        guard case .handshake(.notDecrypted) = cause, count > 1 else { return }
        let next = (number(for: endpoint) + 1) % count
        if numbers.count >= ServerKeyChoice.mostEndpoints { numbers = [:] }
        numbers[endpoint] = next == 0 ? nil : next
    }

    /// There are other keys now, and it begins with the first again.
    package mutating func keysChanged(to count: Int) {
        self = ServerKeyChoice(of: count)
    }
}
