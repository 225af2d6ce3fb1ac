import MPushConnection
import MPushModel
import MPushPlatform
package import MPushSession
import MPushSupervision
package import MPushWire
package import NIOCore

/// What programs and operators ask of an identity through the local API.
extension IdentityRunner {
    /// No connection until `resume` or `reconnect`.
    package func pause() {
        giveUpQuestion()
        giveUpProbe()
        tell { supervisor, now in supervisor.pauseRequested(at: now) }
    }

    /// Ends a pause, be it one whose connection still closes; nothing where there is none.
    package func resume() {
        guard supervisor.state.isPausedOrPausing else { return }
        reconnect()
    }

    /// Sends a message upstream (PROTOCOL.md section 4.4). With `isAcknowledged` the outcome waits for the server's ACK.
    package func push(
        _ content: ByteBuffer, isAcknowledged: Bool, done: @escaping PendingRequests.Completion
    ) {
        let length = connection?.handler.sealedLength(of: content)
        request("push", done) { token, machine, now in
            machine.pushRequested(
                token, content: content, isAcknowledged: isAcknowledged, sealedLength: length, at: now)
        } otherwise: { token, _ in
            [RequestCompletion(token, .notConnected)]
        }
    }

    /// Has the server make an HTTP request (PROTOCOL.md section 4.7).
    package func http(_ request: HTTPProxyRequest, done: @escaping PendingRequests.Completion) {
        let length = connection?.handler.sealedLength(of: request.encoded)
        self.request("http", done) { token, machine, now in
            machine.httpRequested(token, request, sealedLength: length, at: now)
        } otherwise: { token, _ in
            [RequestCompletion(token, .notConnected)]
        }
    }

    /// Binds `user`, nil for the configured one, with `tags`, nil for the configured ones, until the configuration is read
    /// again. Ends an `unbind`. The outcome is the server's; without a connection the next one binds so.
    package func bind(user: String?, tags: [String]?, done: @escaping PendingRequests.Completion) {
        let maximumSend = profile.session.maximumSend
        changeWish("bind", done) { token, machine, now in
            machine.bindRequested(token, user: user, tags: tags, at: now)
        } otherwise: { token, binding in
            binding.bindRequested(token, user: user, tags: tags, maximumSend: maximumSend)
        }
    }

    /// Gives the user that is wished other tags.
    package func setTags(_ tags: [String], done: @escaping PendingRequests.Completion) {
        let maximumSend = profile.session.maximumSend
        changeWish("bind", done) { token, machine, now in
            machine.tagsRequested(token, tags, at: now)
        } otherwise: { token, binding in
            binding.tagsRequested(token, tags, maximumSend: maximumSend)
        }
    }

    /// Gives the user up: nothing is pushed to it, and no connection binds it, until `bind`.
    package func unbind(done: @escaping PendingRequests.Completion) {
        changeWish("unbind", done) { token, machine, now in
            machine.unbindRequested(token, at: now)
        } otherwise: { token, binding in
            binding.unbindRequested(token)
        }
    }

    /// What is wished of the identity, and what its server has confirmed.
    package var binding: UserBinding { connection?.handler.carryover.binding ?? carryover.binding }

    /// Who is bound, or is to be where nobody is; empty for nobody.
    var shownUser: String { (binding.bound ?? binding.wished)?.userID ?? "" }

    /// Where another user is wished after it, what a KICK led to is over: there is nothing left to be taken from us.
    private func changeWish(
        _ name: String, _ done: @escaping PendingRequests.Completion,
        _ ask: (RequestToken, inout SessionStateMachine, Instant) -> [SessionAction],
        otherwise: (RequestToken, inout UserBinding) -> [RequestCompletion]
    ) {
        let before = binding.wished?.userID
        request(name, done, ask, otherwise: otherwise)
        if binding.wished?.userID != before { tell { supervisor, now in supervisor.userChanged(at: now) } }
        changed()
    }

    /// Asks the session for something, or does what is to be done without one.
    private func request(
        _ name: String, _ done: @escaping PendingRequests.Completion,
        _ ask: (RequestToken, inout SessionStateMachine, Instant) -> [SessionAction],
        otherwise: (RequestToken, inout UserBinding) -> [RequestCompletion]
    ) {
        let (timer, start) = (services.timer, services.timer.now)
        let token = requests.add { [weak self] outcome in
            self?.counters.upstream.count(name, outcome, took: timer.now - start)
            done(outcome)
        }
        if let connection {
            connection.handler.tell { machine, now in ask(token, &machine, now) }
        } else {
            complete(otherwise(token, &carryover.binding))
        }
    }

    /// Tells those who asked what came of it.
    func complete(_ ended: [RequestCompletion]) {
        for completion in ended { requestCompleted(completion.token, completion.outcome) }
    }
}

/// The requests of programs and operators that a connection carries, until their outcomes are known. Belongs to its event
/// loop.
package struct PendingRequests {
    package typealias Completion = (RequestOutcome) -> Void

    private var completions: [RequestToken: Completion] = [:]
    private var last: UInt64 = 0

    /// A name for a request whose outcome `completion` hears, once.
    package mutating func add(_ completion: @escaping Completion) -> RequestToken {
        last += 1
        let token = RequestToken(rawValue: last)
        completions[token] = completion
        return token
    }

    /// Who waits for the request; nobody the second time.
    package mutating func completed(_ token: RequestToken) -> Completion? {
        completions.removeValue(forKey: token)
    }
}
