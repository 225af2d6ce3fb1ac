package import Glibc
package import MPushRouting

/// How a bridge talks to its broker: what differs between them. Everything is called from the bridge's one thread; a client
/// whose library has threads of its own hands over what they say, and wakes that thread by a descriptor.
package protocol BrokerClient: AnyObject {
    /// Whether the library has threads of its own, in which signals must be blocked when they begin.
    static var hasThreads: Bool { get }

    /// - Parameter password: the first line of the file that was named.
    init(_ settings: BridgeSettings, route: String, password: String?) throws(BridgeTrouble)

    /// Where the broker is, for people.
    var place: String { get }

    /// Makes the connection, and waits until the broker has taken it; or comes back without one when the bridge was told to end.
    func open(unless isTold: () -> Bool) throws(BridgeTrouble)

    /// What to wait for; all that was published is on its way by then.
    func readyToWait() -> pollfd

    /// Does what can be done now; `wait` is what came of it.
    func proceed(after wait: pollfd) throws(BridgeTrouble)

    /// - Parameter number: what the broker's answer is to be given with: one more than that of the message before.
    func publish(_ message: StreamMessage, to topic: String, number: Int) throws(BridgeTrouble) -> Handover

    /// Calls `take` for each message that the broker has spoken about since this was asked for, with its number.
    func takeAnswers(_ take: (Int, StreamAnswer.Word) -> Void)

    /// Ends the connection; nothing is on its way.
    func close()
}

/// What became of a message that a client was given.
package enum Handover {
    /// It is on its way; the broker will speak about its number.
    case sent
    /// Nothing is on its way, and this is to be said of it.
    case answered(StreamAnswer.Word)
}

/// Why a bridge cannot go on: what it says, and the status that it ends with.
package struct BridgeTrouble: Error, Equatable {
    /// What is for somebody else to mend; the messages wait.
    package static let temporary: Int32 = 75
    /// What is wrong in the settings.
    package static let configuration: Int32 = 78

    package let status: Int32
    package let text: String

    package init(status: Int32 = BridgeTrouble.temporary, _ text: String) {
        self.status = status
        self.text = text
    }
}
