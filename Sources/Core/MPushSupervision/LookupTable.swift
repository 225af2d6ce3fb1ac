package import MPushModel

/// Which names are looked up, for whom, and what each hears when. A pure value: facts and the time in, actions out.
///
/// The two families of a name are two questions, each shared by all who wait for it. AAAA are handed out as they come; A
/// wait 50 ms for them (RFC 8305 section 3). Who may use old addresses gets those of the last good answer where none has
/// come in a second. Servers' names and those of routes have places of their own, so that neither waits for the other.
///
/// A resolver may never answer (glibc waits for the answer over TCP without a limit): what it has been asked for long is
/// asked once more where somebody wants to know. The first answer counts.
package struct LookupTable<Address: Hashable & Sendable>: Sendable {
    /// What a resolver is asked.
    package struct Question: Hashable, Sendable {
        package let host: String
        package let port: UInt16
        package let family: AddressFamily
        package let purpose: LookupPurpose
    }

    /// One who waits for an answer.
    package struct Asker: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    package enum Action: Sendable {
        /// Ask the resolver, and say with `answered` what it said.
        case ask(Question)
        /// Tell the asker.
        case answer(Asker, NameAnswer<Address>)
    }

    /// Questions of one purpose that the resolver is asked at once: each may take a thread for as long as a name server is
    /// silent.
    package static var mostQuestions: Int { 96 }
    /// The same question at once, those that hang counted.
    package static var mostRepeats: Int { 3 }
    /// After so long without an answer a question hangs: longer than a resolver tries by itself.
    package static var hangsAfter: Duration { .seconds(60) }
    /// Who asks when so many wait already is told so at once.
    package static var mostAskers: Int { 20_000 }
    /// Names whose last good addresses are kept.
    package static var mostNames: Int { 256 }
    /// RFC 8305 section 3: how long A records wait for AAAA.
    package static var resolutionDelay: Duration { .milliseconds(50) }
    /// How long an answer is waited for before old addresses are used.
    package static var oldDelay: Duration { .seconds(1) }

    private struct Place: Hashable, Sendable {
        let host: String
        let port: UInt16
    }

    private struct Wait: Sendable {
        let place: Place
        let purpose: LookupPurpose
        /// Until when old addresses are held back; nil where they are not wanted, or were given.
        var oldAt: Instant?
        /// Whether they are wanted at all.
        let usesOld: Bool
        /// Those that have no answer.
        var open = Set(AddressFamily.allCases)
        /// What waits for the AAAA, and until when.
        var held: [Address] = []
        var heldUntil: Instant?
        var hasAddresses = false
        var failure: LookupFailure?

        var deadline: Instant? { heldUntil ?? (hasAddresses ? nil : oldAt) }
    }

    /// A question that the resolver has been asked.
    private struct Open: Sendable {
        /// How often it was, and has not answered.
        var count = 0
        /// When it was asked last; nil once it has answered one of them: the others hang.
        var asked: Instant?
    }

    private var lastNumber: UInt64 = 0
    private var waits: [Asker: Wait] = [:]
    private var askers: [Question: Set<Asker>] = [:]
    private var underWay: [LookupPurpose: [Question: Open]] = [:]
    private var queues: [LookupPurpose: [Question]] = [:]
    private var deadlines = DeadlineQueue<Asker>()
    private var good: [Place: [AddressFamily: [Address]]] = [:]
    /// Those of `good`, the one that was found longest ago first.
    private var goodOrder: [Place] = []

    package init() {}

    /// Whether nobody waits, and nothing is asked.
    package var isIdle: Bool { waits.isEmpty && underWay.values.allSatisfy(\.isEmpty) }

    /// When `deadlineReached` is to be called next.
    package var nextDeadline: Instant? { deadlines.earliest }

    // MARK: - Facts

    /// Somebody wants the addresses of `host`, and may use old ones or not. It is answered until `isLast`, or `cancelled`.
    package mutating func asked(
        _ host: String, port: UInt16, for purpose: LookupPurpose, usesOld: Bool, at now: Instant
    ) -> (Asker, [Action]) {
        lastNumber += 1
        let asker = Asker(number: lastNumber)
        guard waits.count < LookupTable.mostAskers else {
            let failure = LookupFailure(detail: "\(waits.count) earlier lookups have no answer yet")
            return (asker, [.answer(asker, NameAnswer([], isLast: true, failure: failure))])
        }
        let place = Place(host: host, port: port)
        waits[asker] = Wait(
            place: place, purpose: purpose, oldAt: usesOld ? now + LookupTable.oldDelay : nil, usesOld: usesOld)
        for family in AddressFamily.allCases { ask(question(of: place, family, purpose), for: asker, at: now) }
        setDeadline(of: asker)
        return (asker, start(purpose, at: now))
    }

    /// The asker waits no more. What the resolver was asked goes on, for the next one.
    package mutating func cancelled(_ asker: Asker) {
        guard let wait = waits.removeValue(forKey: asker) else { return }
        deadlines.set(nil, for: asker)
        for family in wait.open { withdraw(asker, from: question(of: wait.place, family, wait.purpose)) }
    }

    /// The resolver has answered an `ask`, or could not be asked.
    package mutating func answered(
        _ question: Question, _ result: Result<[Address], LookupFailure>, at now: Instant
    ) -> [Action] {
        guard let open = underWay[question.purpose]?[question] else { return [] }
        underWay[question.purpose]?[question] = open.count > 1 ? Open(count: open.count - 1) : nil
        let waiting = askers.removeValue(forKey: question) ?? []
        remember(result, of: question)
        let next = start(question.purpose, at: now)
        return waiting.sorted { $0.number < $1.number }.compactMap { answer($0, question.family, result, at: now) }
            + next
    }

    /// The time of `nextDeadline` has come.
    package mutating func deadlineReached(at now: Instant) -> [Action] {
        var actions: [Action] = []
        while let asker = deadlines.popDue(at: now) {
            guard var wait = waits[asker] else { continue }
            if wait.heldUntil != nil {
                actions.append(.answer(asker, NameAnswer(wait.held, isLast: false)))
                (wait.held, wait.heldUntil, wait.hasAddresses) = ([], nil, true)
            } else {
                wait.oldAt = nil
                let old = oldAddresses(of: wait.place)
                if !old.isEmpty { actions.append(.answer(asker, NameAnswer(old, areOld: true, isLast: false))) }
            }
            waits[asker] = wait
            setDeadline(of: asker)
        }
        return actions
    }

    // MARK: - Answers

    private mutating func answer(
        _ asker: Asker, _ family: AddressFamily, _ result: Result<[Address], LookupFailure>, at now: Instant
    ) -> Action? {
        guard var wait = waits[asker] else { return nil }
        wait.open.remove(family)
        var found: [Address] = []
        switch result {
        case .success(let addresses): found = addresses
        case .failure(let failure):
            // What leaves it open whether there are addresses says more than that there are none of one family.
            if wait.failure == nil || !failure.isDefinite { wait.failure = failure }
        }
        if family == .v4, !found.isEmpty, wait.open.contains(.v6), !wait.hasAddresses {
            (wait.held, wait.heldUntil) = (found, now + LookupTable.resolutionDelay)
            waits[asker] = wait
            setDeadline(of: asker)
            return nil
        }
        found += wait.held
        (wait.held, wait.heldUntil) = ([], nil)
        guard !wait.open.isEmpty else { return lastAnswer(asker, wait, found) }
        wait.hasAddresses = wait.hasAddresses || !found.isEmpty
        waits[asker] = wait
        setDeadline(of: asker)
        return found.isEmpty ? nil : .answer(asker, NameAnswer(found, isLast: false))
    }

    private mutating func lastAnswer(_ asker: Asker, _ wait: Wait, _ found: [Address]) -> Action {
        waits[asker] = nil
        deadlines.set(nil, for: asker)
        if wait.hasAddresses || !found.isEmpty { return .answer(asker, NameAnswer(found, isLast: true)) }
        let failure = wait.failure ?? LookupFailure(detail: "it has no address", isDefinite: true)
        let old = wait.usesOld && !failure.isDefinite ? oldAddresses(of: wait.place) : []
        return .answer(asker, NameAnswer(old, areOld: !old.isEmpty, isLast: true, failure: failure))
    }

    private mutating func setDeadline(of asker: Asker) {
        deadlines.set(waits[asker]?.deadline, for: asker)
    }

    // MARK: - Old addresses

    /// What an earlier lookup gave.
    package func known(_ host: String, port: UInt16) -> [Address] { oldAddresses(of: Place(host: host, port: port)) }

    private mutating func remember(_ result: Result<[Address], LookupFailure>, of question: Question) {
        let place = Place(host: question.host, port: question.port)
        switch result {
        case .success(let addresses):
            goodOrder.removeAll { $0 == place }
            goodOrder.append(place)
            good[place, default: [:]][question.family] = addresses
            if goodOrder.count > LookupTable.mostNames { good[goodOrder.removeFirst()] = nil }
        case .failure(let failure) where failure.isDefinite: good[place]?[question.family] = nil
        case .failure: break
        }
    }

    private func oldAddresses(of place: Place) -> [Address] {
        AddressFamily.allCases.flatMap { good[place]?[$0] ?? [] }
    }

    // MARK: - Questions

    private func question(of place: Place, _ family: AddressFamily, _ purpose: LookupPurpose) -> Question {
        Question(host: place.host, port: place.port, family: family, purpose: purpose)
    }

    private mutating func ask(_ question: Question, for asker: Asker, at now: Instant) {
        let isOpen = underWay[question.purpose]?[question] != nil
        let isQueued = isOpen ? queues[question.purpose]?.contains(question) == true : askers[question] != nil
        if !isQueued, isDue(question, at: now) { queues[question.purpose, default: []].append(question) }
        askers[question, default: []].insert(asker)
    }

    /// Whether the resolver is to be asked: it has not been, or what it has been asked hangs.
    private func isDue(_ question: Question, at now: Instant) -> Bool {
        guard let open = underWay[question.purpose]?[question] else { return true }
        return open.count < LookupTable.mostRepeats && open.asked.map { now - $0 >= LookupTable.hangsAfter } ?? true
    }

    /// A question that nobody waits for any more leaves the queue.
    private mutating func withdraw(_ asker: Asker, from question: Question) {
        askers[question]?.remove(asker)
        guard askers[question]?.isEmpty == true else { return }
        askers[question] = nil
        queues[question.purpose]?.removeAll { $0 == question }
    }

    private mutating func start(_ purpose: LookupPurpose, at now: Instant) -> [Action] {
        var actions: [Action] = []
        while let question = queues[purpose]?.first, places(purpose) < LookupTable.mostQuestions {
            queues[purpose]?.removeFirst()
            // What hung may have been answered since.
            guard askers[question] != nil, isDue(question, at: now) else { continue }
            let count = (underWay[purpose]?[question]?.count ?? 0) + 1
            underWay[purpose, default: [:]][question] = Open(count: count, asked: now)
            actions.append(.ask(question))
        }
        return actions
    }

    private func places(_ purpose: LookupPurpose) -> Int {
        underWay[purpose]?.values.reduce(0) { $0 + $1.count } ?? 0
    }
}
