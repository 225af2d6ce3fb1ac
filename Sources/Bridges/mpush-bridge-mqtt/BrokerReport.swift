import MPushBridge
import MPushModel
import MPushRouting

/// What libmosquitto's callbacks have told of a connection.
struct BrokerReport: Equatable {
    /// The broker's answer to the connection; nil where it has not answered.
    var answer: MQTTReason?
    /// Why the broker ended the connection, where it said so.
    var farewell: MQTTReason?
    /// Why its certificate was not taken, where that is known.
    var certificateProblem: String?
    /// The last error that the library wrote for people.
    private(set) var complaint: String?
    /// Whether the broker's certificate is for another name.
    private(set) var isOtherName = false

    mutating func complain(_ text: String) {
        complaint = text
        // OpenSSL has no word for it: the library compares the names.
        if text.contains("host name verification failed") { isOtherName = true }
    }

    var isOpen: Bool { answer?.code == 0 }

    /// Whether the broker speaks another version: one of MQTT 3.1.1 says 1.
    var isOtherVersion: Bool { answer == .unsupportedVersion || answer?.code == 1 }
}

extension BridgeTrouble {
    /// How far a connection had come.
    enum Stage: Equatable {
        case connecting
        /// TLS, and the request that the broker has to answer.
        case greeting
        case open
    }

    /// What the library says of its end.
    enum Cause: Equatable {
        /// The host's name has no address.
        case name
        case tls
        /// Nobody answered in time.
        case time
        /// In words.
        case other(String)
    }

    /// The end of a connection in words: where, what, and what to do.
    init(_ cause: Cause, _ stage: Stage, _ report: BrokerReport, _ url: BrokerURL) {
        self.init("\(url.place): \(BridgeTrouble.words(cause, stage, report, url))")
    }

    private static func words(_ cause: Cause, _ stage: Stage, _ report: BrokerReport, _ url: BrokerURL) -> String {
        if case .name = cause { return "no address is known for this name. Look at --url and at the name server" }
        if report.isOtherName {
            return
                "the broker's certificate is for another name than \(url.host). Write the name that it is for in --url"
        }
        if let problem = report.certificateProblem {
            return "the broker's certificate is not trusted: \(problem). Name the authority that issued it with "
                + "--authority, and look at its dates"
        }
        switch stage {
        case .connecting: return "there is no connection: \(text(cause, report)). Does the broker listen there?"
        case .greeting:
            if let answer = report.answer { return "the broker refuses the connection: \(answer.refusal)" }
            let hint =
                url.isEncrypted ? "Is it the broker's port for TLS, and does it want a --certificate?" : noTLSHint
            return "the broker did not take the connection: \(text(cause, report)). \(hint)"
        case .open:
            if let farewell = report.farewell { return "the broker ended the connection: \(farewell.text)" }
            let why = text(cause, report)
            // Where it knows no reason the library says the same.
            let isKnown = why != "the connection was lost"
            return "the connection to the broker was lost\(isKnown ? ": \(why)" : "")"
        }
    }

    private static let noTLSHint = "Is it the broker's port for MQTT without TLS? With TLS write mqtts://"

    private static func text(_ cause: Cause, _ report: BrokerReport) -> String {
        switch cause {
        case .name: "the name is not known"
        case .tls: report.complaint.map { "TLS failed: \($0.shown(atMost: 200))" } ?? "TLS failed"
        case .time: "no answer in time"
        case .other(let words): words
        }
    }
}
