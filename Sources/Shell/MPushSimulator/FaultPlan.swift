/// The faults that wait for connections to come.
package struct FaultPlan: Sendable {
    /// The most that can wait at a time.
    package static let maximumCount = 256

    private struct Entry {
        let fault: SimulatorFault
        let moment: FaultMoment
        /// Connections that it still holds for; nil for all.
        var remaining: Int?
    }

    private var entries: [Entry] = []

    package init() {}

    /// Plans `fault` for the next `count` connections that reach `moment`; nil for all. The oldest plan is dropped where
    /// there are too many.
    package mutating func add(_ fault: SimulatorFault, at moment: FaultMoment, count: Int?) {
        if let count, count <= 0 { return }
        if entries.count == Self.maximumCount { entries.removeFirst() }
        entries.append(Entry(fault: fault, moment: moment, remaining: count))
    }

    /// The faults that a connection meets as it reaches `moment`, in the order in which they were planned.
    package mutating func faults(at moment: FaultMoment) -> [SimulatorFault] {
        var due: [SimulatorFault] = []
        for index in entries.indices where entries[index].moment == moment {
            due.append(entries[index].fault)
            entries[index].remaining? -= 1
        }
        entries.removeAll { $0.remaining == 0 }
        return due
    }

    /// Gives up every plan for a fault of the kind of `fault`; all plans for nil.
    package mutating func remove(_ fault: SimulatorFault?) {
        entries.removeAll { entry in fault.map { entry.fault.isSameKind(as: $0) } ?? true }
    }
}

/// Which connections a fault is for. Faults of the whole simulator take no notice of it.
package enum FaultTarget: Equatable, Sendable {
    /// All that are there now.
    case present
    /// Those that are there now and on which this user is bound.
    case user(String)
    /// The next so many that reach this moment.
    case next(Int, at: FaultMoment)
    /// All that reach this moment, until the fault is lifted.
    case coming(at: FaultMoment)
    /// All that are there now and all that come, from the moment on at which they are accepted.
    case everyone
}

/// When in its life a connection meets a fault that was planned for it.
package enum FaultMoment: Equatable, Sendable {
    /// As soon as it is accepted.
    case accepted
    /// After the TLS handshake; without TLS, as soon as it is accepted.
    case secured
    /// When HANDSHAKE or FAST_CONNECT was answered.
    case opened
    /// When BIND was answered.
    case bound
}
