import MPushModel
import MPushSession
import MPushWire
import NIOCore

/// The fuzzer's input for the decoder and the session machine behind it, read as a script: `StartConditions`, then one
/// `SessionStep` after the other. Any bytes are a script.
package struct SessionScript {
    private var script: ScriptReader
    private var run: SessionRun

    /// Runs `input` to its end.
    ///
    /// - Throws: What the session did that it must never do.
    @discardableResult
    package static func run(_ input: [UInt8]) throws(InvariantViolation) -> ScriptSummary {
        var script = try SessionScript(input)
        while let byte = script.script.byte() {
            // What stands for no step is skipped, so that a new step changes no script.
            if let step = SessionStep(rawValue: byte & 0x0F) { try script.take(step) }
        }
        try script.run.finish()
        return script.run.summary
    }

    private init(_ input: [UInt8]) throws(InvariantViolation) {
        script = ScriptReader(input)
        run = try SessionRun(StartConditions(from: &script).makeMachine())
    }

    private mutating func take(_ step: SessionStep) throws(InvariantViolation) {
        switch step {
        case .read: try run.read(script.counted())
        case .wait: run.pass(nextDuration())
        case .deadline: try run.deadlineReached(late: nextDuration())
        case .written: run.written()
        case .push: try push()
        case .http: try http()
        case .unbind: try run.ask { machine, token, now in machine.unbindRequested(token, at: now) }
        case .bind: try run.ask { machine, token, now in machine.bindRequested(token, at: now) }
        case .identity: try changeIdentity()
        case .pause: run.setReading(false)
        case .resume: run.setReading(true)
        case .stored: try run.confirmed(.stored)
        case .consumed: try run.confirmed(.consumed)
        case .close: try run.tell { machine, _ in machine.closeRequested(.operatorRequest) }
        case .lost: try run.lost()
        }
    }

    /// From nothing to more than a year, most of them near to what decides.
    private mutating func nextDuration() -> Duration {
        let choices: [Duration] = [
            .zero, .milliseconds(1), .milliseconds(999), .seconds(1), .seconds(5), .seconds(10), .seconds(59),
            .seconds(179), .seconds(180), .seconds(181), .milliseconds(181_001), .seconds(600), .seconds(86_399),
            .seconds(86_402), .seconds(400 * 86_400),
        ]
        return choices[Int(script.byte() ?? 0) % choices.count]
    }

    private mutating func push() throws(InvariantViolation) {
        let isAcknowledged = (script.byte() ?? 0) & 1 == 1
        let content = ByteBuffer(bytes: script.counted())
        try run.ask { machine, token, now in
            machine.pushRequested(token, content: content, isAcknowledged: isAcknowledged, at: now)
        }
    }

    private mutating func http() throws(InvariantViolation) {
        let method = HTTPProxyMethod(rawValue: (script.byte() ?? 0) & 3) ?? .get
        let body = ByteBuffer(bytes: script.counted())
        let request = HTTPProxyRequest(method: method, uri: "http://fuzz/", headers: [], body: body)
        try run.ask { machine, token, now in machine.httpRequested(token, request, at: now) }
    }

    private mutating func changeIdentity() throws(InvariantViolation) {
        let identity = StartConditions.identity(script.byte() ?? 0)
        try run.tell { machine, now in machine.configurationRead(identity, at: now) }
    }
}
