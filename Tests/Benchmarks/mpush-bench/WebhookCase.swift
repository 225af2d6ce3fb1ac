import MPushModel

/// How a route hands a backlog to a web server.
struct WebhookCase {
    /// From a request to its answer, and once more until a connection is there; zero for loopback as it is.
    let path: Duration
    /// Whether a connection is kept for the next request.
    let isKept: Bool
    /// Messages in a request, at most.
    let batch: Int
    let messages: Int
    /// The rate that it is to have, a second.
    let aim: Double?

    static let far = [
        WebhookCase(path: .milliseconds(100), isKept: false, batch: 1, messages: 40, aim: nil),
        WebhookCase(path: .milliseconds(100), isKept: true, batch: 1, messages: 60, aim: 9),
        WebhookCase(path: .milliseconds(100), isKept: true, batch: 100, messages: 4000, aim: 900),
    ]

    static let near = [
        WebhookCase(path: .zero, isKept: false, batch: 1, messages: 5000, aim: nil),
        WebhookCase(path: .zero, isKept: true, batch: 1, messages: 20_000, aim: nil),
        WebhookCase(path: .zero, isKept: true, batch: 100, messages: 200_000, aim: 20_000),
    ]

    var name: String {
        let place = path == .zero ? "loopback" : "\(Figure.fixed(path.milliseconds, places: 0)) ms"
        let connection = isKept ? "one connection" : "a connection each"
        return "\(place), \(connection)\(batch > 1 ? ", batches of \(batch)" : "")"
    }

    /// The route, as the configuration has it.
    func route(port: Int) -> String {
        """
        [[route]]
        name = "\(InboxHolder.route.text)"
        webhook = "http://127.0.0.1:\(port)/"
        keep_alive = "\(isKept ? "30s" : "0s")"
        batch = \(batch)
        """
    }
}

/// What came of it.
struct WebhookResult: Encodable {
    let name: String
    let messages: Int
    /// Medians of the rounds.
    let perSecond: Double
    let cpuMicrosecondsPerMessage: Double
    /// The median of each round's ratio to a connection for each message.
    let ratio: Double
    /// Nil for a case that is there for the others' sake.
    let aim: Double?
}
