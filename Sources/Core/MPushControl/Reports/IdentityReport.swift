package import MPushJSON
package import MPushModel

/// An identity and its connection at a moment. What is nil is not known in this state, or never was.
package struct IdentityReport: ControlValue {
    /// The identity, as the configuration names it.
    package let name: String
    /// Whom the server has bound, or who is to be where it has nobody; nil for nobody.
    package var user: String?
    package var tags: [String] = []
    /// Whom the server has bound, as far as it has said; nil for nobody.
    package var boundUser: String?
    package var boundTags: [String] = []
    /// Who is to be bound: of the configuration, or what an operator wants in its place; nil for nobody.
    package var wishedUser: String?
    package var wishedTags: [String] = []
    package let state: ConnectionState
    /// When the state began.
    package let since: WallTime
    /// How long ago it began, by a clock that nobody sets.
    package var stateAge: Duration?
    /// How long the session has been bound, missed reads in between or not; nil while none is.
    package var onlineFor: Duration?
    /// Connections since the start, this one included.
    package var connectionNumber = 0
    /// `push.example.com:3443`, as configured or as the allocator named it.
    package var endpoint: String?
    /// `192.0.2.7:3443`; that of the proxy, where there is one.
    package var address: String?
    /// `http://proxy.example.com:3128`, which the connection leads through; nil for none.
    package var proxy: String?
    /// `TLS 1.3`; nil over plain TCP, too.
    package var tlsVersion: String?
    /// The server's.
    package var certificate: CertificateReport?
    /// Whether the session was resumed rather than begun with a handshake.
    package var isResumed: Bool?
    /// The heartbeat that the server set.
    package var heartbeat: Duration?
    /// How often we ask.
    package var pingEvery: Duration?
    /// Why so often, where that is learnt from the network.
    package var keepalive: KeepaliveReport?
    /// How long until we ask again.
    package var nextBeat: Duration?
    /// How long ago the last bytes came from the server.
    package var lastAnswerAge: Duration?
    /// From the last heartbeat to its answer.
    package var lastRoundTrip: Duration?
    /// In a row, now.
    package var missedReads = 0
    /// How long until the next attempt, while the identity waits.
    package var nextAttempt: Duration?
    /// How long nobody has been bound, and what was tried; nil while somebody is, or nobody is wished.
    package var outage: OutageReport?
    /// The last connection, or attempt, that ended.
    package var lastLoss: LossReport?
    /// Since the start.
    package var messages: MessageCounts = MessageCounts()

    package init(name: String, state: ConnectionState, since: WallTime) {
        self.name = name
        self.state = state
        self.since = since
    }
}

extension IdentityReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        name = try object.text("name")
        user = try object.textIfPresent("user")
        tags = try object.texts("tags")
        boundUser = try object.textIfPresent("bound_user")
        boundTags = try object.texts("bound_tags")
        wishedUser = try object.textIfPresent("wished_user")
        wishedTags = try object.texts("wished_tags")
        state = try object.word("state")
        since = try object.time("since")
        stateAge = try object.durationIfPresent("state_seconds")
        onlineFor = try object.durationIfPresent("online_seconds")
        connectionNumber = try object.number("connection")
        endpoint = try object.textIfPresent("endpoint")
        address = try object.textIfPresent("address")
        proxy = try object.textIfPresent("proxy")
        tlsVersion = try object.textIfPresent("tls_version")
        certificate = try object.valueIfPresent("certificate")
        isResumed = try object.truthIfPresent("resumed")
        heartbeat = try object.durationIfPresent("heartbeat_seconds")
        pingEvery = try object.durationIfPresent("ping_every_seconds")
        keepalive = try object.valueIfPresent("keepalive")
        nextBeat = try object.durationIfPresent("next_beat_seconds")
        lastAnswerAge = try object.durationIfPresent("last_answer_age_seconds")
        lastRoundTrip = try object.durationIfPresent("last_round_trip_seconds")
        missedReads = try object.number("missed_reads")
        nextAttempt = try object.durationIfPresent("next_attempt_seconds")
        outage = try object.valueIfPresent("outage")
        lastLoss = try object.valueIfPresent("last_loss")
        messages = try object.value("messages")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("name", name)
        object.add("user", user)
        object.add("tags", tags)
        object.add("bound_user", boundUser)
        object.add("bound_tags", boundTags)
        object.add("wished_user", wishedUser)
        object.add("wished_tags", wishedTags)
        object.add("state", state.rawValue)
        object.add("since", since)
        object.add("state_seconds", stateAge)
        object.add("online_seconds", onlineFor)
        object.add("connection", connectionNumber)
        object.add("endpoint", endpoint)
        object.add("address", address)
        object.add("proxy", proxy)
        object.add("tls_version", tlsVersion)
        object.add("certificate", certificate)
        object.add("resumed", isResumed)
        object.add("heartbeat_seconds", heartbeat)
        object.add("ping_every_seconds", pingEvery)
        object.add("keepalive", keepalive)
        object.add("next_beat_seconds", nextBeat)
        object.add("last_answer_age_seconds", lastAnswerAge)
        object.add("last_round_trip_seconds", lastRoundTrip)
        object.add("missed_reads", missedReads)
        object.add("next_attempt_seconds", nextAttempt)
        object.add("outage", outage)
        object.add("last_loss", lastLoss)
        object.add("messages", messages)
        return object.json
    }
}

/// What became of the messages pushed to an identity, since the start.
package struct MessageCounts: ControlValue {
    package var received: UInt64 = 0
    package var stored: UInt64 = 0
    /// To the server.
    package var acknowledged: UInt64 = 0
    /// Those that were stored before.
    package var duplicates: UInt64 = 0
    /// Those that were not stored, and not acknowledged, for want of room or because of a failure.
    package var refused: UInt64 = 0

    package init() {
    }
}

extension MessageCounts {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        received = try object.number("received")
        stored = try object.number("stored")
        acknowledged = try object.number("acknowledged")
        duplicates = try object.number("duplicates")
        refused = try object.number("refused")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("received", received)
        object.add("stored", stored)
        object.add("acknowledged", acknowledged)
        object.add("duplicates", duplicates)
        object.add("refused", refused)
        return object.json
    }
}

/// Why a connection ended, or could not be made.
package struct LossReport: ControlValue {
    /// A code of the closed list: `missed-reads`.
    package let cause: String
    /// The cause in words: `missed reads (2 in a row, 201 s silent)`.
    package let sentence: String
    /// More, where there is more: the reason of a TLS failure as its code, `expired`.
    package var detail: String?
    package let ended: WallTime
    /// How long ago that was, by a clock that nobody sets; nil from an older daemon.
    package var age: Duration?

    package init(cause: String, sentence: String, ended: WallTime, age: Duration? = nil) {
        self.cause = cause
        self.sentence = sentence
        self.ended = ended
        self.age = age
    }
}

extension LossReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        cause = try object.text("cause")
        sentence = try object.text("sentence")
        detail = try object.textIfPresent("detail")
        ended = try object.time("ended_at")
        age = try object.durationIfPresent("age_seconds")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("cause", cause)
        object.add("sentence", sentence)
        object.add("detail", detail)
        object.add("ended_at", ended)
        object.add("age_seconds", age)
        return object.json
    }
}

/// The server's certificate.
package struct CertificateReport: ControlValue {
    /// Its notAfter.
    package let expires: WallTime
    /// Whole days until then; below zero once it has ended.
    package let daysLeft: Int

    package init(expires: WallTime, daysLeft: Int) {
        self.expires = expires
        self.daysLeft = daysLeft
    }
}

extension CertificateReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        expires = try object.time("expires")
        daysLeft = try object.number("days_left")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("expires", expires)
        object.add("days_left", daysLeft)
        return object.json
    }
}
