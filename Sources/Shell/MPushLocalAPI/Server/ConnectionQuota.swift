/// How many clients the local API serves at once, and who has a place: those who may look leave some free for those who may
/// change things, these for the daemon's own user, and all for root. Nobody of lesser standing can lock out a higher one.
struct ConnectionQuota: Equatable {
    /// Why somebody gets no place.
    enum Refusal: Equatable {
        /// The user has as many as one user may.
        case userHasTooMany(Int)
        /// All are taken that there are for such as it.
        case allTaken(Int)
    }

    /// For callers of this standing and all below it together.
    private let limits: [Standing: Int]
    /// For one user of this standing.
    private let limitsOfUser: [Standing: Int]
    private var taken: [Standing: Int] = [:]
    /// By user; all who are hidden count as one.
    private var takenByUser: [UInt32?: Int] = [:]

    /// `count` places for the users of the machine, and an eighth of that more each for the daemon's own user
    /// and for root.
    init(_ count: Int) {
        let reserve = max(1, count / 8)
        limits = [
            .visitor: max(1, count * 3 / 4), .member: count, .ownUser: count + reserve, .root: count + 2 * reserve,
        ]
        limitsOfUser = [.visitor: max(1, count / 2), .member: max(1, count * 3 / 4)]
    }

    /// Gives `user` a place, or says why not.
    mutating func admit(_ standing: Standing, user: UInt32?) -> Refusal? {
        let ofUser = takenByUser[user, default: 0]
        if let limit = limitsOfUser[standing], ofUser >= limit { return .userHasTooMany(limit) }
        for ring in Standing.allCases where ring >= standing {
            guard let limit = limits[ring] else { continue }
            let inside = Standing.allCases.filter { $0 <= ring }.reduce(0) { $0 + taken[$1, default: 0] }
            if inside >= limit { return .allTaken(limit) }
        }
        taken[standing, default: 0] += 1
        takenByUser[user] = ofUser + 1
        return nil
    }

    /// Takes back a place that `user` was given.
    mutating func release(_ standing: Standing, user: UInt32?) {
        taken[standing, default: 0] -= 1
        let ofUser = takenByUser[user, default: 0] - 1
        takenByUser[user] = ofUser > 0 ? ofUser : nil
    }
}

extension ConnectionQuota.Refusal {
    /// In words, for whoever was refused.
    var reason: String {
        switch self {
        case .userHasTooMany(let limit): "your user has \(limit) clients connected, which is the most for one"
        case .allTaken(let limit): "\(limit) clients are connected, which is the most"
        }
    }
}
