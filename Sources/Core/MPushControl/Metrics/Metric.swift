/// Every metric of the daemon: the closed list. Names follow Prometheus' rules: a prefix, base units, `_total` on counters.
package enum Metric: String, CaseIterable, Sendable {
    package enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
    }

    case buildInfo = "mpush_build_info"
    case startTime = "process_start_time_seconds"
    case processTime = "process_cpu_seconds_total"
    case residentMemory = "process_resident_memory_bytes"
    case virtualMemory = "process_virtual_memory_bytes"
    case openDescriptors = "process_open_fds"
    case mostDescriptors = "process_max_fds"
    case threads = "process_threads"
    case clientCertificateExpiry = "mpush_client_certificate_expiry_timestamp_seconds"

    case identities = "mpush_identities"
    case longestOutage = "mpush_longest_outage_seconds"
    case connectionState = "mpush_connection_state"
    case connectionAttempts = "mpush_connection_attempts_total"
    case connections = "mpush_connections_total"
    case losses = "mpush_connection_losses_total"
    case heartbeatsSent = "mpush_heartbeats_sent_total"
    case heartbeatsAnswered = "mpush_heartbeats_answered_total"
    case roundTripTime = "mpush_heartbeat_round_trip_seconds"
    case missedReads = "mpush_missed_reads_total"
    case pingInterval = "mpush_ping_interval_seconds"
    case certificateExpiry = "mpush_server_certificate_expiry_timestamp_seconds"

    case messagesReceived = "mpush_messages_received_total"
    case messagesStored = "mpush_messages_stored_total"
    case messagesDuplicate = "mpush_messages_duplicate_total"
    case messagesRefused = "mpush_messages_refused_total"
    case messagesAcknowledged = "mpush_messages_acknowledged_total"
    case ackLatency = "mpush_message_ack_latency_seconds"

    case inboxMessages = "mpush_inbox_messages"
    case inboxBytes = "mpush_inbox_bytes"
    case inboxMostMessages = "mpush_inbox_max_messages"
    case inboxMostBytes = "mpush_inbox_max_bytes"
    case inboxWaiting = "mpush_inbox_waiting_messages"
    case inboxFailures = "mpush_inbox_failures_total"
    case inboxDropped = "mpush_inbox_dropped_messages_total"
    case inboxCommits = "mpush_inbox_commits_total"
    case inboxFailing = "mpush_inbox_failing"
    case inboxFull = "mpush_inbox_full"

    case routeAttempts = "mpush_route_attempts_total"
    case routeAttemptTime = "mpush_route_attempt_duration_seconds"
    case routePassed = "mpush_route_passed_messages_total"
    case routeWaiting = "mpush_route_waiting_messages"
    case routeRunning = "mpush_route_running_attempts"
    case routeDeadLetters = "mpush_route_dead_letters"
    case routeTargetUp = "mpush_route_target_up"
    case routeBuried = "mpush_route_dead_letters_total"
    case routeOldest = "mpush_route_oldest_waiting_seconds"
    case routeDeliveryTime = "mpush_route_delivery_duration_seconds"

    case followers = "mpush_followers"
    case followersCut = "mpush_followers_cut_total"
    case upstreamRequests = "mpush_upstream_requests_total"
    case upstreamTime = "mpush_upstream_request_duration_seconds"

    package var kind: Kind {
        if rawValue.hasSuffix("_total") { return .counter }
        switch self {
        case .roundTripTime, .ackLatency, .routeAttemptTime, .routeDeliveryTime, .upstreamTime: return .histogram
        default: return .gauge
        }
    }

    /// The labels of each sample, `le` of histograms apart.
    package var labels: [MetricLabel] {
        switch self {
        case .buildInfo: [.version]
        case .startTime, .processTime, .residentMemory, .virtualMemory, .openDescriptors, .mostDescriptors, .threads,
            .clientCertificateExpiry, .longestOutage, .inboxMessages, .inboxBytes, .inboxMostMessages, .inboxMostBytes,
            .inboxWaiting, .inboxFailures, .inboxDropped, .inboxCommits, .inboxFailing, .inboxFull, .followers,
            .followersCut:
            []
        case .identities: [.state]
        case .connectionState: [.identity, .state]
        case .losses: [.identity, .cause]
        case .connectionAttempts, .connections, .heartbeatsSent, .heartbeatsAnswered, .roundTripTime, .missedReads,
            .pingInterval, .certificateExpiry, .messagesReceived, .messagesStored, .messagesDuplicate, .messagesRefused,
            .messagesAcknowledged,
            .ackLatency:
            [.identity]
        case .routeAttempts, .routeAttemptTime: [.route, .result]
        case .routePassed, .routeWaiting, .routeRunning, .routeDeadLetters, .routeTargetUp, .routeBuried, .routeOldest,
            .routeDeliveryTime:
            [.route]
        case .upstreamRequests: [.identity, .result, .request]
        case .upstreamTime: [.identity, .request]
        }
    }

    /// What it means, in a sentence.
    package var help: String {
        switch self {
        case .buildInfo: "Always 1; the label has the version of the daemon."
        case .startTime: "When the daemon was started, in seconds since 1970."
        case .processTime: "Processor time of the daemon, in user and kernel mode, in seconds."
        case .residentMemory: "Memory of the daemon that is in RAM, in bytes."
        case .virtualMemory: "Virtual memory of the daemon, in bytes."
        case .openDescriptors: "Open file descriptors of the daemon."
        case .mostDescriptors: "The most file descriptors that the daemon may open."
        case .threads: "Threads of the daemon."
        case .clientCertificateExpiry: "When the client certificate expires, in seconds since 1970."
        case .identities: "Identities whose connection is in the state; for alerts that need no identity's name."
        case .longestOutage: "How long the longest outage that lasts has lasted; 0 while there is none."
        case .connectionState: "1 for the state that the identity's connection is in, 0 for all others."
        case .connectionAttempts: "Attempts to connect to a server."
        case .connections: "Sessions that were bound."
        case .losses: "Connections and attempts that ended, by cause."
        case .heartbeatsSent: "Heartbeats sent to the server."
        case .heartbeatsAnswered: "Heartbeats that the server answered."
        case .roundTripTime: "Time from a heartbeat to its answer."
        case .missedReads: "Reads that were missed."
        case .pingInterval: "How often the server is sent a heartbeat while nothing else is sent."
        case .certificateExpiry: "When the certificate of the connected server expires, in seconds since 1970."
        case .messagesReceived: "Messages that the server pushed."
        case .messagesStored: "Messages that were stored durably."
        case .messagesDuplicate: "Duplicates: messages that had been stored before."
        case .messagesRefused: "Messages that were not stored, and not acknowledged."
        case .messagesAcknowledged: "Messages acknowledged to the server."
        case .ackLatency: "Time from a message's arrival to its acknowledgement."
        case .inboxMessages: "Messages in the inbox."
        case .inboxBytes: "Bytes in the inbox: messages, dead letters, and what is recorded of deliveries."
        case .inboxMostMessages: "The most messages that the inbox holds (max_messages)."
        case .inboxMostBytes: "The most bytes that the inbox holds (max_bytes)."
        case .inboxWaiting: "Messages on their way to the disk."
        case .inboxFailures: "Messages that could not be stored because of the disk or the database."
        case .inboxDropped: "Messages that were dropped before they were delivered."
        case .inboxCommits: "Transactions that were synced; messages that arrive together share one."
        case .inboxFailing: "1 while messages cannot be stored, or the disk does not answer, else 0."
        case .inboxFull: "1 while the inbox is full, else 0."
        case .routeAttempts: "Attempts to deliver a message, by result."
        case .routeAttemptTime: "How long attempts to deliver a message took."
        case .routePassed: "Messages that the route's filter did not match."
        case .routeWaiting: "Messages that the route has not settled."
        case .routeRunning: "Delivery attempts under way."
        case .routeDeadLetters: "Dead letters of the route."
        case .routeTargetUp: "0 while the target of the route is down and messages wait for it, else 1."
        case .routeBuried: "Messages that became dead letters of the route."
        case .routeOldest: "Age of the oldest message that waits for the route; 0 if none does."
        case .routeDeliveryTime: "Time from a message's arrival to its confirmation by the target."
        case .followers: "Clients of the local API that follow messages or events."
        case .followersCut: "Followers that were disconnected because they read nothing."
        case .upstreamRequests: "Requests to the server, by result."
        case .upstreamTime: "Time from a request to its answer."
        }
    }
}

/// The labels that metrics have, in the order in which they are written.
package enum MetricLabel: String, CaseIterable, Sendable {
    /// The name of an identity.
    case identity
    /// The name of a route.
    case route
    /// A state of a connection.
    case state
    /// A code of the closed list of causes.
    case cause
    /// How something ended: `confirmed`, `failed`, `unavailable`, `rejected`, `postponed`, `abandoned` for attempts of routes; `done`, `refused`,
    /// `timed-out`, `connection-lost`, `not-sent` for requests.
    case result
    /// What was asked of the server: `push`, `http`, `bind`, `unbind`, `tags`.
    case request
    /// Of the program.
    case version
}
