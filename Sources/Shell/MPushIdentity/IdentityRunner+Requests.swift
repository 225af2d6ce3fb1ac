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
        tell { supervisor, now in supervisor.pauseRequested(at: now) }
    }

    /// Ends a pause; nothing where there is none.
    package func resume() {
        guard case .paused = status.state else { return }
        reconnect()
    }

    /// Sends a message upstream (PROTOCOL.md section 4.4). With `isAcknowledged` the outcome waits for the server's ACK.
    package func push(
        _ content: ByteBuffer, isAcknowledged: Bool, done: @escaping PendingRequests.Completion
    ) {
        ask("push", done) { token, machine, now in
            machine.pushRequested(token, content: content, isAcknowledged: isAcknowledged, at: now)
        }
    }

    /// Has the server make an HTTP request (PROTOCOL.md section 4.7). A server that is known not to do it is not asked:
    /// it would close the connection.
    package func http(_ request: HTTPProxyRequest, done: @escaping PendingRequests.Completion) {
        if let endpoint, withoutHTTPProxy.contains(endpoint) {
            return done(.refused(code: .unsupportedCommand, reason: "the server makes no HTTP requests for clients"))
        }
        ask("http", done) { token, machine, now in machine.httpRequested(token, request, at: now) }
    }

    /// Another user, or other tags, from now on until the configuration is read again; nil leaves what it is. Ends an
    /// `unbind`. The outcome waits for the server where there is a connection; else the next one binds so.
    package func bind(user: String?, tags: [String]?, done: @escaping PendingRequests.Completion) {
        let old = profile.identity
        let new = SessionIdentity(
            userID: user ?? old.userID, tags: tags ?? old.tags, credential: old.credential)
        let wasWished = isUserWished
        profile = profile.with(identity: new)
        isUserWishedNext = true
        guard case .connected(let handler, _) = attempt else { return done(.notConnected) }
        let isOpen = heartbeat != nil
        if isOpen, new != old || !wasWished { bindings.append(done) }
        // Told in any case: a session that is being opened binds this one.
        handler.tell { machine, now in machine.bindRequested(as: new, at: now) }
        if !isOpen { return done(.notConnected) }
        if new == old, wasWished { return done(.done) }
        onChange()
    }

    /// Gives the user up: nothing is pushed to it, and no connection binds it, until `bind`. What a KICK led to is over:
    /// there is nothing left that could be taken from us.
    package func unbind(done: @escaping PendingRequests.Completion) {
        isUserWishedNext = false
        tell { supervisor, now in supervisor.userGivenUp(at: now) }
        ask("unbind", done) { token, machine, now in machine.unbindRequested(token, at: now) }
        changed()
    }

    /// The server has confirmed a BIND, or will confirm none any more.
    package func bindingsEnded(_ outcome: RequestOutcome) {
        let ended = bindings
        bindings = []
        for done in ended { done(outcome) }
    }

    private func ask(
        _ name: String, _ done: @escaping PendingRequests.Completion,
        _ request: (RequestToken, inout SessionStateMachine, Instant) -> [SessionAction]
    ) {
        let start = BootClock.now()
        let counted: PendingRequests.Completion = { [weak self] outcome in
            self?.counters.upstream.ended(name, outcome, took: BootClock.now() - start)
            done(outcome)
        }
        guard case .connected(let handler, _) = attempt else { return counted(.notConnected) }
        let token = requests.add(counted)
        handler.tell { machine, now in request(token, &machine, now) }
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
