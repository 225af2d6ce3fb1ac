import MPushWire

/// The play: what the demo shows, act by act. All times are chosen so that a scene takes less than 20 seconds and can still
/// be read.
package enum DemoScript {
    package static let user = "alice"
    /// Short, so that beats are seen.
    package static let heartbeat: Duration = .seconds(3)

    /// The acts of the scene number `scene`, counted from 1. The first one begins with the start of mpushd.
    package static func acts(ofScene scene: Int) -> [DemoAct] {
        (scene == 1 ? [start] : [])
            + [
                heartbeats, messages(scene),
            ] + (scene == 1 ? [setback(scene)] : []) + [
                drop, message(scene, "Back again", "the server was back"),
                silence, message(scene, "Silence is over", "the silence"),
                amnesia, message(scene, "Who are you?", "the handshake"),
            ]
    }

    private static let start = DemoAct(
        "mpushd starts: it connects over TLS, shakes hands with the server and binds \(user).",
        [.startDaemon], occasion: "after its start",
        expecting: [
            DemoExpectation("TLS, handshake and BIND", [.secured(isResumed: false), .handshaken, .bound(user: user)]),
            online("handshake"),
        ])

    private static let heartbeats = DemoAct(
        "There is nothing to say, so mpushd beats, a second before the server would begin to miss it.",
        [], occasion: "after mpushd was online",
        expecting: [
            DemoExpectation("two heartbeats from mpushd", [.heartbeat, .heartbeat]),
            DemoExpectation("two answers to them", [.log(["heartbeat answered"]), .log(["heartbeat answered"])]),
        ])

    private static func messages(_ scene: Int) -> DemoAct {
        let first = text("Good morning, \(user)", scene)
        let second = text("Lunch at noon?", scene)
        return DemoAct(
            "The server pushes two messages: one to acknowledge when it is on the disk, one when a program had it. A route "
                + "starts a program for each.",
            [.push(first, flags: .autoAck), .push(second, flags: .bizAck)], occasion: "after the pushes",
            expecting: [
                DemoExpectation("first message", [.message([content(first)])]),
                DemoExpectation("second message", [.message([content(second)])]),
                DemoExpectation("program that has the first", [program(has: first)]),
                DemoExpectation("program that has the second", [program(has: second)]),
                DemoExpectation("ACK for each of them", [.acknowledged, .acknowledged]),
            ])
    }

    /// In one scene only: the journal hears of a failing route once a minute at most.
    private static func setback(_ scene: Int) -> DemoAct {
        let words = text(DemoConfiguration.fragileContent, scene)
        let route = "route \(DemoConfiguration.fragileRoute)"
        return DemoAct(
            "A program is not ready for a message: it ends with status 75, and is started again a little later.",
            [.push(words, flags: .autoAck)], occasion: "after the push",
            expecting: [
                DemoExpectation("message", [.message([content(words)])]),
                DemoExpectation("other program that has it", [program(has: words)]),
                DemoExpectation("ACK for it", [.acknowledged]),
                DemoExpectation(
                    "second attempt", [.log(["\(route): sh: attempt 1"]), .log(["\(route): sh: attempt 2"])]),
                DemoExpectation("word of the failure", [.log(["\(route):", "asks to be tried again"])]),
                DemoExpectation("word of the success", [.log(["\(route) works again"])]),
            ])
    }

    private static let drop = DemoAct(
        "The server closes the connection: mpushd says so and is soon back, without a handshake: TLS and the session "
            + "are resumed.",
        [.inject(.close)], occasion: "after the drop",
        expecting: [DemoExpectation("end of the connection", [.closed(.fault)]), loss("closed by the server")] + back)

    private static let silence = DemoAct(
        "The server keeps the connection but answers no heartbeat any more: mpushd asks once more, then gives it up.",
        [.inject(.muteHeartbeats)], occasion: "after the server fell silent",
        expecting: [
            DemoExpectation("missed read", [.log(["a read from", "was missed", "asking the server"])]),
            DemoExpectation("end of the connection", [.closed(.byClient)]), loss("missed reads (2 in a row"),
        ] + back)

    private static let amnesia = DemoAct(
        "The server forgets all sessions and resets the connection: resuming is refused, and mpushd shakes hands on the "
            + "same connection.",
        [.inject(.expireSessions), .inject(.reset)], occasion: "after the reset",
        expecting: [
            DemoExpectation("end of the connection", [.closed(.fault)]), loss("the connection failed"),
            DemoExpectation(
                "refused FAST_CONNECT with a handshake behind it",
                [.secured(isResumed: true), .refused(.fastConnect), .handshaken, .bound(user: user)]),
            DemoExpectation("word that the session is gone", [.log(["does not know the stored session any more"])]),
            online("handshake"),
        ])

    private static func message(_ scene: Int, _ words: String, _ occasion: String) -> DemoAct {
        let words = text(words, scene)
        return DemoAct(
            "A message proves that all is well again.", [.push(words, flags: .autoAck)], occasion: "after \(occasion)",
            expecting: [
                DemoExpectation("message", [.message([content(words)])]),
                DemoExpectation("ACK for it", [.acknowledged]),
            ])
    }

    private static let back = [
        DemoExpectation(
            "FAST_CONNECT over a resumed TLS session", [.secured(isResumed: true), .resumed, .bound(user: user)]),
        online("resumed"),
    ]

    private static func loss(_ cause: String) -> DemoExpectation {
        DemoExpectation("word of the loss and its cause", [.log(["connection to", "lost: \(cause)"])])
    }

    private static func online(_ how: String) -> DemoExpectation {
        DemoExpectation("word that mpushd is online", [.log(["online as \(user)", "(\(how) in"])])
    }

    private static func program(has text: String) -> DemoPattern {
        .log(["route \(DemoConfiguration.printingRoute): printf: \(DemoConfiguration.printedWords) \(text)"])
    }

    /// A message of scene `scene` that is like no other.
    private static func text(_ words: String, _ scene: Int) -> String { "\(words) (scene \(scene))" }

    /// `text` as it stands in mpushd's JSON. It has nothing in it that JSON escapes.
    private static func content(_ text: String) -> String { #""content":"\#(text)""# }
}
