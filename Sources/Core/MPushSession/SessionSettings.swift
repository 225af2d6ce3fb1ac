package import MPushModel
import MPushWire

/// What a session is told once, at its beginning.
package struct SessionSettings: Equatable, Sendable {
    package var deviceID: String
    package var osName: String
    package var osVersion: String
    package var clientVersion: String
    /// The heartbeats that we ask the server for; it decides.
    package var minimumHeartbeat: Duration
    package var maximumHeartbeat: Duration
    package var health: HealthSettings
    /// For the answer to HANDSHAKE or FAST_CONNECT.
    package var handshakeTimeout: Duration
    /// For the answer to BIND, at each try.
    package var bindTimeout: Duration
    /// For any other answer, at each try.
    package var requestTimeout: Duration
    /// For the answer to an HTTP request that the server makes, at each try.
    package var httpTimeout: Duration
    /// How often a BIND, or another request that may be repeated, is sent again.
    package var requestRetries: Int
    /// The longest body that the server takes, in bytes, as it stands on the wire.
    package var maximumSend: Int

    package init(
        deviceID: String, osName: String, osVersion: String, clientVersion: String, minimumHeartbeat: Duration,
        maximumHeartbeat: Duration, health: HealthSettings, handshakeTimeout: Duration, bindTimeout: Duration,
        requestTimeout: Duration, httpTimeout: Duration = .seconds(30), requestRetries: Int, maximumSend: Int
    ) {
        self.deviceID = deviceID
        self.osName = osName
        self.osVersion = osVersion
        self.clientVersion = clientVersion
        self.minimumHeartbeat = minimumHeartbeat
        self.maximumHeartbeat = maximumHeartbeat
        self.health = health
        self.handshakeTimeout = handshakeTimeout
        self.bindTimeout = bindTimeout
        self.requestTimeout = requestTimeout
        self.httpTimeout = httpTimeout
        self.requestRetries = requestRetries
        self.maximumSend = maximumSend
    }
}

extension SessionSettings {
    /// What a handshake says of the client (PROTOCOL.md section 4.1), as one text to be compared.
    package var clientDescription: String { [osName, osVersion, clientVersion].joined(separator: "\n") }
}

/// Whose messages a connection is for: what BIND says (PROTOCOL.md section 4.3).
package struct SessionIdentity: Equatable, Sendable {
    package let userID: String
    /// None holds a comma.
    package let tags: [String]
    /// For the server's own validator; most servers ignore it. Empty for none.
    package let credential: SecretBytes

    package init(userID: String, tags: [String], credential: SecretBytes) {
        self.userID = userID
        self.tags = tags
        self.credential = credential
    }
}

extension SessionIdentity {
    /// The BIND that says it.
    var bindRequest: BindRequest { BindRequest(userID: userID, data: credential, tags: tags.joined(separator: ",")) }

    /// The bytes of its BIND on the wire, compression left aside.
    package var sealedBindLength: Int {
        BindRules.bodySize(user: userID, tags: tags, credentialLength: credential.count)
    }
}
