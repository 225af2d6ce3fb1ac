package import MPushModel

/// What `mpushd init` asks, looks at and writes, one step after the other. It has no terminal and no network: whoever
/// carries it out does what `step` says, and tells what came of it by the method that the step names.
package struct SetupDialogue {
    /// What has to be done next.
    package enum Step: Equatable {
        /// `answered`
        case ask(SetupQuestion)
        /// See what is wrong with a configuration that these files make: `verified`
        case verify([SetupFile])
        /// Walk the way to the server with it: `examined`
        case examine([SetupFile])
        /// The end: these files are good.
        case write([SetupFile])
        /// The end: nothing is written.
        case stop(SetupRefusal)
    }

    /// Something that is wrong with a draft.
    package struct Problem: Equatable {
        package let key: String?
        package let message: String

        package init(key: String?, message: String) {
            self.key = key
            self.message = message
        }
    }

    package private(set) var step = Step.stop(SetupRefusal(kind: .declined, message: ""))
    private var notes: [String] = []
    private var given: [SetupQuestion: String]
    private let asksNothing: Bool
    private var wantedPin: PublicKeyPin?
    private let place: SetupPlace
    private var answers: SetupAnswers
    private var mayWrite: Bool
    private var hasCredential = false
    /// The question whose answer is verified.
    private var verifying: SetupQuestion?
    /// Whether somebody chose what the server is known by.
    private var hasTrust: Bool
    /// Whether the command line says so, whatever the server.
    private var isWithoutTLSAnywhere: Bool
    private var hasServer = false
    private var shown: [ShownCertificate] = []
    private var isVerified = false
    /// Whether what the server showed is trusted for itself.
    private var trustsShown = false

    /// - Parameter replaces: whether there is a configuration whose loss would be one.
    package init(_ options: SetupOptions, at place: SetupPlace, replaces: Bool) {
        self.place = place
        given = options.answers
        asksNothing = options.asksNothing
        answers = SetupAnswers(configuration: place.configuration)
        isWithoutTLSAnywhere = options.isWithoutTLS
        answers.isWithoutTLS = options.isWithoutTLS
        hasTrust = options.isWithoutTLS || options.authorities != nil
        mayWrite = !replaces
        if replaces { notes.append("\(place.configuration) is there already.") }
        do throws(Misspelling) {
            wantedPin = try options.pin.map { text throws(Misspelling) in try PublicKeyPin(parsing: text) }
            answers.pin = wantedPin
            advance()
        } catch {
            stop(.wrongAnswer, "--pin \(error.message).")
        }
    }

    /// What has to be said before the step is done; each line once.
    package mutating func takeNotes() -> [String] {
        defer { notes = [] }
        return notes
    }

    // MARK: - Questions

    private mutating func advance() {
        if !mayWrite { return pose(.replacement) }
        if answers.endpoint == nil { return pose(.endpoint) }
        if answers.user == nil { return pose(.user) }
        if answers.publicKey == nil { return pose(.publicKey) }
        if !hasCredential { return pose(.credential) }
        if given[.authorities] != nil { return pose(.authorities) }
        step = hasServer ? .write(answers.files) : .examine(answers.files)
    }

    /// What the command line gives is not asked, but the once.
    private mutating func pose(_ question: SetupQuestion) {
        if let answer = given.removeValue(forKey: question) { return receive(answer, to: question) }
        guard asksNothing else {
            step = .ask(question)
            return
        }
        switch question {
        case .replacement: receive("y", to: question)
        case .credential, .trust(isVerified: true): receive("", to: question)
        case .endpoint, .user, .publicKey: stop(.wrongAnswer, "\(question.option ?? "") is missing.")
        case .withoutTLS: stop(.untrusted, "Give --without-tls if it is to be used all the same.")
        case .authorities, .trust(isVerified: false):
            stop(
                .untrusted, "Give --ca-file with its authority, or --pin with its key as the server's operator says it."
            )
        case .insistence: stop(.untrusted, "Nothing was written.")
        }
    }

    /// An answer from a terminal, without its line end.
    package mutating func answered(_ text: String) {
        guard case .ask(let question) = step else { return }
        receive(question == .endpoint || question == .publicKey ? text.trimmed : text, to: question)
    }

    /// The answer to a question that must not be seen.
    package mutating func answered(secret: SecretBytes) {
        guard case .ask(.credential) = step else { return }
        take(credential: secret.count == 0 ? nil : .copied(secret, name: SetupDialogue.credentialName))
    }

    private mutating func receive(_ text: String, to question: SetupQuestion) {
        switch question {
        case .replacement: isYes(text) ? allow() : stop(.declined, "Nothing was changed.")
        case .endpoint: verify(question) { $0.endpoint = text }
        case .user: verify(question) { $0.user = text }
        case .publicKey: receive(publicKey: text)
        case .credential:
            guard !text.isEmpty else { return take(credential: nil) }
            read(text, question, as: SetupDialogue.credentialName) { $0.take(credential: $1) }
        case .authorities:
            read(text, question, as: "ca.pem") { dialogue, source in
                dialogue.hasTrust = true
                dialogue.verify(question) { $0.authorities = source }
            }
        case .withoutTLS: isYes(text) ? goWithoutTLS() : askAgain(.endpoint)
        case .trust(let isVerified): choose(text.trimmed, isVerified: isVerified)
        case .insistence: isYes(text) ? settle() : askAgain(.endpoint)
        }
    }

    private static let credentialName = "credential"

    private mutating func allow() {
        mayWrite = true
        advance()
    }

    private func isYes(_ text: String) -> Bool { ["y", "yes"].contains(text.trimmed.lowercased()) }

    private mutating func receive(publicKey text: String) {
        let name = "server-rsa.pem"
        // DER begins so in base64, and no path is as long.
        if text.hasPrefix("MI"), text.utf8.count > 100 {
            verify(.publicKey) { $0.publicKey = .copied(SecretBytes((text + "\n").utf8), name: name) }
        } else {
            read(text, .publicKey, as: name) { dialogue, source in
                dialogue.verify(.publicKey) { $0.publicKey = source }
            }
        }
    }

    private mutating func take(credential: SetupSource?) {
        hasCredential = true
        verify(.credential) { $0.credential = credential }
    }

    private mutating func read(
        _ text: String, _ question: SetupQuestion, as name: String, then: (inout SetupDialogue, SetupSource) -> Void
    ) {
        do throws(Misspelling) {
            then(&self, try place.source(of: text, named: name))
        } catch {
            refuse(question, error.message)
        }
    }

    private mutating func verify(_ question: SetupQuestion, _ change: (inout SetupAnswers) -> Void) {
        change(&answers)
        verifying = question
        step = .verify(answers.files)
    }

    /// What is wrong with the draft. What was not asked yet is missing in it, which is no fault.
    package mutating func verified(_ problems: [Problem]) {
        guard case .verify = step, let question = verifying else { return }
        verifying = nil
        let about = problems.filter { $0.key.map(question.isAbout) ?? false }
        guard let first = about.first else { return advance() }
        forget(question)
        refuse(question, first.message)
    }

    private mutating func forget(_ question: SetupQuestion) {
        switch question {
        case .endpoint: answers.endpoint = nil
        case .user: answers.user = nil
        case .publicKey: answers.publicKey = nil
        case .credential: (answers.credential, hasCredential) = (nil, false)
        case .authorities: answers.authorities = nil
        case .replacement, .withoutTLS, .trust, .insistence: break
        }
    }

    private mutating func refuse(_ question: SetupQuestion, _ reason: String) {
        guard !asksNothing else { return stop(.wrongAnswer, "\(question.option.map { $0 + ": " } ?? "")\(reason)") }
        notes.append(reason)
        step = .ask(question)
    }

    private mutating func askAgain(_ question: SetupQuestion) {
        forget(question)
        if question == .endpoint {
            // What was agreed to was about the server that it was asked of.
            (shown, answers.pin, answers.isWithoutTLS) = ([], wantedPin, isWithoutTLSAnywhere)
            if trustsShown { (answers.authorities, trustsShown) = (nil, false) }
            hasTrust = answers.isWithoutTLS || answers.authorities != nil
        }
        advance()
    }

    private mutating func stop(_ kind: SetupRefusal.Kind, _ message: String) {
        step = .stop(SetupRefusal(kind: kind, message: message))
    }
}

// MARK: - The server

extension SetupDialogue {
    /// What the walk came to.
    package mutating func examined(_ sighting: SetupSighting) {
        guard case .examine = step else { return }
        show(sighting.certificates)
        if let own = sighting.certificates.first, let wantedPin, own.pin != wantedPin {
            let seen = own.pin.map { "\($0)" } ?? "one that cannot be read"
            return stop(.untrusted, "The server's key is \(seen), not the one that --pin names.")
        }
        isVerified = sighting.isGood
        guard !sighting.isGood, let culprit = sighting.culprit else {
            notes.append(sighting.sentence.capitalizedFirst + ".")
            return hasTrust || wantedPin != nil ? settle() : pose(.trust(isVerified: true))
        }
        notes.append(sighting.sentence.capitalizedFirst + ".")
        switch SetupObstacle(culprit) {
        case .authority: distrust()
        case .endpoint: startAgain(.endpoint, .untrusted)
        case .publicKey: startAgain(.publicKey, .wrongAnswer)
        case .withoutTLS: pose(.withoutTLS)
        case .withTLS:
            isWithoutTLSAnywhere = false
            startAgain(.endpoint, .wrongAnswer)
        case .certificate: pose(.insistence)
        case .circumstance: asksNothing ? settle() : pose(.insistence)
        case .draft: stop(.wrongAnswer, "Nothing was written.")
        }
    }

    /// The chain, once.
    private mutating func show(_ certificates: [ShownCertificate]) {
        guard certificates != shown else { return }
        shown = certificates
        for (index, certificate) in certificates.prefix(SetupDialogue.mostShown).enumerated() {
            notes.append(index == 0 ? "The server's certificate:" : "Shown with it:")
            notes += certificate.lines.map { "  " + $0 }
        }
    }

    private static var mostShown: Int { 8 }

    /// The files beside the configuration already that its service has to read.
    package var filesForService: [String] { answers.filesForService }

    /// The authorities do not vouch for the server: those in a file may, or what it showed is taken for itself.
    private mutating func distrust() {
        let isFirst = !trustsShown
        (answers.authorities, answers.pin, hasTrust, trustsShown) = (nil, wantedPin, false, false)
        wantedPin != nil && isFirst ? pinWhatWasShown() : pose(.trust(isVerified: false))
    }

    private mutating func choose(_ text: String, isVerified: Bool) {
        switch (text.lowercased(), isVerified) {
        case ("", true), ("1", true), ("authority", true): settle()
        case ("2", _), ("file", _): pose(.authorities)
        case ("3", _), ("pin", _): pinWhatWasShown()
        default:
            refuse(.trust(isVerified: isVerified), "\(text.quoted) is none of the choices. Write one of the numbers.")
        }
    }

    /// The last certificate stands for those that it vouches for; the pin lets only the first through.
    private mutating func pinWhatWasShown() {
        guard let own = shown.first, let last = shown.last, let pin = own.pin else {
            return refuse(.trust(isVerified: isVerified), "The server showed no certificate whose key can be read.")
        }
        answers.pin = pin
        hasTrust = true
        guard !isVerified else { return settle() }
        trustsShown = true
        answers.authorities = .copied(SecretBytes(last.pem.utf8), name: "server-ca.pem")
        step = .examine(answers.files)
    }

    private mutating func goWithoutTLS() {
        (answers.isWithoutTLS, hasTrust) = (true, true)
        step = .examine(answers.files)
    }

    private mutating func startAgain(_ question: SetupQuestion, _ kind: SetupRefusal.Kind) {
        asksNothing ? stop(kind, "Nothing was written.") : askAgain(question)
    }

    private mutating func settle() {
        hasServer = true
        advance()
    }
}

extension String {
    /// Without the white space around it.
    fileprivate var trimmed: String {
        let blanks: Set<Character> = [" ", "\t", "\r", "\n"]
        let start = drop { blanks.contains($0) }
        return String(start.reversed().drop { blanks.contains($0) }.reversed())
    }

    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
