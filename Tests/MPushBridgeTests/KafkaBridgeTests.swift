import CKafka
import Foundation
import Glibc
import MPushModel
import MPushRouting
import MPushTestSupport
import Testing

/// The bridge to Kafka against librdkafka's mock cluster, read back by kcat.
@Suite(
    .enabled(if: PlayedKafka.isReadable, "kcat is not installed"),
    .disabled(if: ThreadSanitizer.isOn, "it does not know the threads of librdkafka (thrd_create(3))"),
    .timeLimit(.minutes(3)))
struct KafkaBridgeTests {
    private let directory: TemporaryDirectory
    private let cluster: PlayedKafka

    init() throws {
        directory = try TemporaryDirectory()
        cluster = try PlayedKafka()
        cluster.createTopic("push")
    }

    private func bridge(_ more: [String] = ["--topic", "push"], reading file: String? = nil) throws -> RunningBridge {
        try RunningBridge(cluster.urls + more, of: .kafka, reading: file)
    }

    private func file(_ count: Int, users: Int) throws -> String {
        let lines = (0..<count).map { number in
            RunningBridge.line("m\(number)", "\(number)", user: "u\(number % users)", position: number + 1) + "\n"
        }
        return try directory.write("messages", lines.joined().utf8)
    }

    @Test func recordsOfOneKeyAreInOrderInOnePartition() throws {
        let bridge = try bridge(
            ["--topic", "push", "--message-key", "{user}", "--compression", "lz4"], reading: try file(5000, users: 10))
        let answers = try bridge.answers()
        #expect(try bridge.end() == (0, ""))
        #expect(Set(answers.map(\.id)).count == 5000 && answers.allSatisfy { $0.word == .done })
        let read = try cluster.read("push").map { $0.split(separator: " ").map(String.init) }
        #expect(read.count == 5000)
        for user in 0..<10 {
            let own = read.filter { $0[1] == "u\(user)" }
            #expect(Set(own.map { $0[0] }).count == 1)
            #expect(own.compactMap { Int($0[2]) } == Array(stride(from: user, to: 5000, by: 10)))
        }
        #expect(Set(read.map { $0[0] }).count > 1)
    }

    @Test func eachRecordGoesToItsOwnTopic() throws {
        for topic in ["u0", "u1", "u2"] { cluster.createTopic(topic) }
        let bridge = try bridge(["--topic", "{user}"], reading: try file(90, users: 3))
        #expect(try bridge.answers().count == 90)
        #expect(try bridge.end() == (0, ""))
        for user in 0..<3 {
            let read = try cluster.read("u\(user)", format: "%s\n").compactMap(Int.init)
            #expect(read.sorted() == Array(stride(from: user, to: 90, by: 3)))
        }
    }

    @Test func aRecordHasAHeaderThatTellsItFromOthers() throws {
        let bridge = try bridge(["--topic", "push-{identity}"])
        try bridge.write(RunningBridge.line("a b", "x", position: 7))
        #expect(try bridge.answer() == StreamAnswer(id: "a b", .done))
        try bridge.closeInput()
        #expect(try bridge.end() == (0, ""))
        #expect(try cluster.read("push-desk", format: "%h [%K]\n") == ["Idempotency-Key=desk:7:a b [-1]"])
    }

    /// The library tries again what may go well, and says the rest.
    @Test func whatABrokerRefusesIsTriedAgainOrRejected() throws {
        let bridge = try bridge()
        cluster.refuseRecords([
            RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
            RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
        ])
        try bridge.write(RunningBridge.line("again", "again"))
        #expect(try bridge.answer() == StreamAnswer(id: "again", .done))
        cluster.refuseRecords([RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE])
        try bridge.write(RunningBridge.line("large", "large"))
        guard case .reject(let reason)? = try bridge.answer()?.word else {
            Issue.record("it is not rejected")
            return
        }
        #expect(reason.hasPrefix("the broker refused it: "), "\(reason)")
        try bridge.closeInput()
        _ = try bridge.end()
        #expect(try cluster.read("push", format: "%s\n") == ["again"])
    }

    @Test func aTopicThatIsNoneIsRejectedAndOneThatIsNotThereMayBeLater() throws {
        cluster.refuseTopic("gone", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        cluster.refuseTopic("closed", RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
        let bridge = try bridge(["--topic", "{user}"])
        for user in ["push", "a/b", "gone", "closed"] { try bridge.write(RunningBridge.line(user, "x", user: user)) }
        try bridge.closeInput()
        let answers = Dictionary(uniqueKeysWithValues: try bridge.answers().map { ($0.id, $0.word) })
        #expect(try bridge.end() == (0, ""))
        #expect(answers["push"] == .done)
        #expect(answers["a/b"] == .reject(reason: "its topic has the character U+002F in it, which it may not hold"))
        for (topic, words) in [
            ("gone", "the broker refused it: "), ("closed", "no broker took it for the topic closed in time: Broker: "),
        ] {
            guard case .retry(let reason, nil)? = answers[topic] else {
                Issue.record("\(topic): \(String(describing: answers[topic]))")
                continue
            }
            #expect(reason.hasPrefix(words), "\(reason)")
        }
    }

    /// Brokers go in the middle and come back.
    @Test func nothingIsLostWhenBrokersAreAway() throws {
        let count = 20_000
        let bridge = try bridge(["--topic", "push", "--message-key", "{user}"], reading: try file(count, users: 10))
        var confirmed = 0
        while confirmed < 2000, let answer = try bridge.answer(), answer.word == .done { confirmed += 1 }
        cluster.setDown(true)
        cluster.setDown(false)
        confirmed += try bridge.answers().count { $0.word == .done }
        #expect(try bridge.end() == (0, ""))
        #expect(confirmed == count)
        let read = try cluster.read("push", format: "%s\n")
        #expect(Set(read).count == count)
    }

    /// For longer than the library tries: the bridge ends, and what was not confirmed comes again.
    @Test func brokersThatStayAwayEndTheBridge() throws {
        let bridge = try bridge()
        try bridge.write(RunningBridge.line("m", "x"))
        #expect(try bridge.answer() == StreamAnswer(id: "m", .done))
        cluster.setDown(true)
        try bridge.write(RunningBridge.line("n", "x"))
        #expect(try bridge.answers() == [])
        let end = try bridge.end()
        #expect(end.status == 75)
        // The library looks at the time now and then: the bridge may be the first to see that it is over.
        let words = ["messages could not be delivered in time", "the broker has not confirmed a message within 20 s"]
        #expect(words.contains { end.complaint.contains($0) }, "\(end.complaint)")
    }

    /// All that was on its way is given up by the library at once: the topic is asked about once, and nobody answers.
    @Test func brokersThatGoUnderLoadEndTheBridge() throws {
        let bridge = try RunningBridge(
            cluster.urls + ["--topic", "push", "--message-key", "{user}"], of: .kafka,
            reading: try file(50_000, users: 10), killedAfter: 45)
        var confirmed = 0
        while confirmed < 2000, let answer = try bridge.answer(), answer.word == .done { confirmed += 1 }
        cluster.setDown(true)
        let rest = try bridge.answers()
        let end = try bridge.end()
        #expect(end.status == 75)
        #expect(end.complaint.contains("messages could not be delivered in time"), "\(end.complaint)")
        // No message has a failed attempt for what the brokers did.
        #expect(rest.allSatisfy { $0.word == .done })
    }

    /// Told to end while no broker takes the connection.
    @Test func itCanBeEndedBeforeThereIsAConnection() throws {
        // It takes connections, and says nothing.
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        let port = try LoopbackPort.bound(listener)
        try #require(listen(listener, 4) == 0)
        let bridge = try RunningBridge(["--url", "kafka://127.0.0.1:\(port)", "--topic", "x"], of: .kafka)
        let connection = accept(listener, nil, nil)
        defer { close(connection) }
        bridge.terminate()
        #expect(try bridge.end() == (0, ""))
    }

    /// A name may have several addresses: the library says that all brokers are down when the first has refused.
    @Test func aConnectionThatEndsIsTriedAgainForAWhile() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        let port = try LoopbackPort.bound(listener)
        try #require(listen(listener, 16) == 0)
        let bridge = try RunningBridge(
            ["--url", "kafka://127.0.0.1:\(port)", "--topic", "x"], of: .kafka, killedAfter: 60)
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        // Waits that double from a tenth of a second to a whole one: the sixth is after two or three.
        for number in 1...6 {
            let connection = accept(listener, nil, nil)
            #expect(connection >= 0, "connection \(number)")
            close(connection)
        }
        #expect(try bridge.end().status == 75)
    }

    @Test func itEndsInGoodOrderWhenItIsTold() throws {
        let bridge = try bridge()
        try bridge.write(RunningBridge.line("m", "x"))
        #expect(try bridge.answer() == StreamAnswer(id: "m", .done))
        bridge.terminate()
        #expect(try bridge.end() == (0, ""))
    }
}
