import MPushModel

/// Whom an identity is to be bound as, and whom its server has bound (PROTOCOL.md section 4.3): the one place for both.
///
/// What is wished comes from the configuration, and from an operator who overrides it. What is confirmed is what the
/// server has said on the connection of now, and nothing else. `nextExchange` says what closes the gap between the two.
/// The wish outlives connections; what is confirmed, and who waits for an answer, end with each.
///
/// A pure value: the session's machine feeds it while there is a session, the driver while there is none.
package struct UserBinding: Equatable, Sendable {
    /// What an operator wants in place of the configuration.
    package enum Override: Equatable, Sendable {
        /// Until another is bound, the server refuses it, the configuration is read again, or a third connection has ended over
        /// its BIND while it was never bound.
        case user(SessionIdentity)
        /// Until a user is bound.
        case nobody
    }

    /// Whom the server has bound, by its own words.
    package enum Confirmed: Equatable, Sendable {
        case nobody
        case bound(SessionIdentity)
        /// It was bound, and an UNBIND was never answered: nobody knows until the next BIND or UNBIND is.
        case inDoubt(SessionIdentity)
    }

    /// A BIND or an UNBIND. One at a time: what changes while one awaits its answer follows after it.
    package enum Exchange: Equatable, Sendable {
        case bind(SessionIdentity)
        case unbind(SessionIdentity)
    }

    /// Somebody who asked for a change, and what the change is to lead to; nil for nobody.
    private struct Caller: Equatable, Sendable {
        let token: RequestToken
        let wish: SessionIdentity?
    }

    /// How many may wait for answers at once.
    static let mostCallers = 64
    /// How many connections may end over the BIND of an operator's user that no server has bound.
    static let mostUnansweredBinds = 3

    /// What the configuration says.
    package private(set) var configured: SessionIdentity
    package private(set) var override: Override? {
        didSet { if override != oldValue { unansweredBinds = 0 } }
    }
    package private(set) var confirmed = Confirmed.nobody
    /// What awaits its answer.
    package private(set) var underWay: Exchange?
    /// What `override` was before an UNBIND that the server may still refuse.
    private var overrideBeforeUnbind: Override?
    /// Whom a server has bound last since the configuration was read, on whichever connection, and has not refused since.
    private var proven: SessionIdentity?
    /// How many connections have ended while the BIND of `override` awaited its answer.
    private var unansweredBinds = 0
    /// The user that was confirmed last on this connection; nil before the first.
    private var lastUser: String?
    private var callers: [Caller] = []
    /// Whether there is a connection over which the server can be asked, be it after the session is open.
    private var isConnected = false

    package init(configured: SessionIdentity, override: Override? = nil) {
        self.configured = configured
        self.override = override
    }

    /// Who is to be bound; nil for nobody.
    package var wished: SessionIdentity? {
        switch override {
        case nil: configured
        case .user(let identity): identity
        case .nobody: nil
        }
    }

    /// Whom the server has bound, or may still have; nil for nobody.
    package var bound: SessionIdentity? {
        switch confirmed {
        case .nobody: nil
        case .bound(let identity), .inDoubt(let identity): identity
        }
    }

    /// Who a message is for that is pushed now: the user that is bound. While nobody is, or nobody knows, the only one that
    /// it can be for, be that the one who was bound last or the one whose BIND awaits its answer. Nil where it may be for
    /// either, or for nobody: then it must not be taken for anybody's.
    package var recipient: String? {
        if case .bound(let identity) = confirmed { return identity.userID }
        guard case .bind(let binding)? = underWay else { return lastUser }
        return lastUser == nil || lastUser == binding.userID ? binding.userID : nil
    }

    /// What is to be sent for the server to have what is wished; nil where it has, or where an answer is awaited. An UNBIND
    /// that was never answered is not sent again by itself: the server closes at one that finds nobody bound.
    package var nextExchange: Exchange? {
        guard underWay == nil else { return nil }
        return switch (wished, confirmed) {
        case (let wish?, .bound(let identity)): wish == identity ? nil : .bind(wish)
        case (let wish?, .nobody), (let wish?, .inDoubt): .bind(wish)
        case (nil, .bound(let identity)): .unbind(identity)
        case (nil, .nobody), (nil, .inDoubt): nil
        }
    }
}

/// What is wished.
extension UserBinding {
    /// The configuration was read. What an operator bound ends with that; an `unbind` does not.
    package mutating func configurationRead(_ new: SessionIdentity) -> [RequestCompletion] {
        configured = new
        proven = nil
        overrideBeforeUnbind = nil
        if case .user = override { override = nil }
        return answerCallers()
    }

    /// An operator wants `user` bound, nil for the configured one, with `tags`, nil for the configured ones. Ends an `unbind`.
    package mutating func bindRequested(
        _ token: RequestToken, user: String?, tags: [String]?, maximumSend: Int
    ) -> [RequestCompletion] {
        let new = SessionIdentity(
            userID: user ?? configured.userID, tags: tags ?? configured.tags, credential: configured.credential)
        return request(new, token, maximumSend)
    }

    /// An operator wants other tags for the user that is wished.
    package mutating func tagsRequested(
        _ token: RequestToken, _ tags: [String], maximumSend: Int
    ) -> [RequestCompletion] {
        guard let wished else { return [RequestCompletion(token, .nobodyBound)] }
        let new = SessionIdentity(userID: wished.userID, tags: tags, credential: wished.credential)
        return request(new, token, maximumSend)
    }

    private mutating func request(
        _ new: SessionIdentity, _ token: RequestToken, _ maximumSend: Int
    ) -> [RequestCompletion] {
        let length = new.sealedBindLength
        guard length <= maximumSend else {
            return [RequestCompletion(token, .tooLong(bytes: length, maximum: maximumSend))]
        }
        guard callers.count < UserBinding.mostCallers else { return [RequestCompletion(token, .tooMany)] }
        overrideBeforeUnbind = nil
        override = new == configured ? nil : .user(new)
        callers.append(Caller(token: token, wish: new))
        return answerCallers()
    }

    /// An operator wants nobody bound until a user is. Where it is in doubt whether anybody is, the server is asked again.
    package mutating func unbindRequested(_ token: RequestToken) -> [RequestCompletion] {
        guard callers.count < UserBinding.mostCallers else { return [RequestCompletion(token, .tooMany)] }
        if override != .nobody {
            overrideBeforeUnbind = override
            override = .nobody
        } else if case .inDoubt(let identity) = confirmed, underWay == nil {
            confirmed = .bound(identity)
        }
        callers.append(Caller(token: token, wish: nil))
        return answerCallers()
    }
}

/// What the server says.
extension UserBinding {
    /// What comes of an answer that refuses.
    struct Refusal: Equatable {
        /// Whose BIND failed, where an operator had asked for it: that is not wished any more.
        var dropped: String?
        var completions: [RequestCompletion] = []
    }

    /// There is a connection, and nobody is bound on it.
    mutating func connected() {
        isConnected = true
    }

    /// `exchange` was sent.
    mutating func sent(_ exchange: Exchange) {
        underWay = exchange
    }

    /// The user before is unbound, as the first step of a BIND.
    mutating func previousUnbound() {
        confirmed = .nobody
    }

    /// BIND was answered with OK. Gives who is bound.
    mutating func bindConfirmed() -> (SessionIdentity, [RequestCompletion])? {
        guard case .bind(let identity)? = underWay else { return nil }
        underWay = nil
        confirmed = .bound(identity)
        lastUser = identity.userID
        proven = identity
        unansweredBinds = 0
        return (identity, answerCallers())
    }

    /// BIND of `identity` was answered with ERROR. Nobody is bound any more: the server unbinds before it looks whether it
    /// binds. An operator's user is not wished any more.
    mutating func bindRefused(_ identity: SessionIdentity, with outcome: RequestOutcome) -> Refusal {
        underWay = nil
        if proven == identity { proven = nil }
        confirmed = .nobody
        let completions = completeCallers(wishing: identity, with: outcome)
        return Refusal(dropped: drop(identity), completions: completions)
    }

    private mutating func drop(_ identity: SessionIdentity) -> String? {
        guard override == .user(identity) else { return nil }
        override = nil
        return identity.userID
    }

    /// UNBIND was answered with OK, or in a way that says that nobody is bound.
    mutating func unbindConfirmed() -> [RequestCompletion] {
        underWay = nil
        confirmed = .nobody
        return answerCallers()
    }

    /// UNBIND was answered with ERROR: the user stays bound, and what was wished before is wished again.
    mutating func unbindRefused(_ outcome: RequestOutcome) -> [RequestCompletion] {
        underWay = nil
        let completions = completeCallers(wishing: nil, with: outcome)
        if override == .nobody { override = overrideBeforeUnbind }
        overrideBeforeUnbind = nil
        return completions + answerCallers()
    }

    /// The OK to an UNBIND that was given up came late. Where another one is under way, its answer is awaited all the same:
    /// the server may close at it.
    mutating func unbindConfirmedLate() -> [RequestCompletion] {
        confirmed = .nobody
        return answerCallers()
    }

    /// No answer to UNBIND came. It is wished all the same.
    mutating func unbindUnanswered(_ outcome: RequestOutcome) -> [RequestCompletion] {
        guard case .unbind(let identity)? = underWay else { return [] }
        underWay = nil
        if case .bound = confirmed { confirmed = .inDoubt(identity) }
        return completeCallers(wishing: nil, with: outcome)
    }

    /// A KICK took the user away.
    mutating func userTaken() {
        confirmed = .nobody
    }

    /// The connection has ended for `cause`, and with it all that the server had confirmed. What is wished holds for the next
    /// one, unless the BIND of an operator's user has ended too many.
    mutating func connectionEnded(_ cause: LossCause) -> Refusal {
        var refusal = bindUnanswered(cause)
        underWay = nil
        confirmed = .nobody
        lastUser = nil
        overrideBeforeUnbind = nil
        isConnected = false
        refusal.completions += answerCallers()
        return refusal
    }

    /// One end over a BIND says little: servers restart, and networks fail. A user that no server has bound, and over whose
    /// BIND one connection after the other ends, would keep the identity away for good: it is not wished any more. Of a user
    /// that was bound only the new tags are not.
    private mutating func bindUnanswered(_ cause: LossCause) -> Refusal {
        guard case .bind(let identity)? = underWay, override == .user(identity), proven != identity,
            !cause.isIntended, cause != .kicked
        else { return Refusal() }
        unansweredBinds += 1
        guard unansweredBinds >= UserBinding.mostUnansweredBinds else { return Refusal() }
        if let proven, proven.userID == identity.userID, proven != configured {
            override = .user(proven)
        } else {
            override = nil
        }
        let completions = completeCallers(wishing: identity, with: .connectionLost(cause))
        return Refusal(dropped: identity.userID, completions: completions)
    }

    // MARK: - Callers

    /// Ends those whose wish the server has confirmed, and those whose wish nobody has any more.
    private mutating func answerCallers() -> [RequestCompletion] {
        guard !callers.isEmpty else { return [] }
        let ended = callers.compactMap { caller in
            outcome(for: caller.wish).map { RequestCompletion(caller.token, $0) }
        }
        callers.removeAll { caller in ended.contains { $0.token == caller.token } }
        return ended
    }

    /// Nil while the answer is awaited, or is still to be asked for.
    private func outcome(for wish: SessionIdentity?) -> RequestOutcome? {
        guard isConnected else { return wish == wished ? .deferred : .superseded }
        switch (underWay, wish) {
        case (nil, let wish?) where confirmed == .bound(wish): return .done
        case (nil, nil) where confirmed == .nobody: return .done
        case (.bind(let identity)?, let wish?) where identity == wish: return nil
        case (.unbind?, nil): return confirmed == .nobody ? .done : nil
        case (.bind?, _), (.unbind?, _), (nil, _): return wish == wished ? nil : .superseded
        }
    }

    private mutating func completeCallers(
        wishing wish: SessionIdentity?, with outcome: RequestOutcome
    ) -> [RequestCompletion] {
        let ended = callers.filter { $0.wish == wish }
        callers.removeAll { $0.wish == wish }
        return ended.map { RequestCompletion($0.token, outcome) }
    }
}
