import MPushConfiguration
import MPushModel

/// The files that a configuration names, read as its environment gives them.
struct ReferencedFiles {
    private let environment: any ConfigurationSource

    init(_ environment: any ConfigurationSource) {
        self.environment = environment
    }

    /// The whole content of a file.
    func content(of reference: FileReference, atMost limit: Int) throws(ConfigurationProblem) -> [UInt8] {
        do throws(UnreadableFile) {
            return try environment.content(of: reference.path, maximum: limit)
        } catch {
            throw reference.problem(ReferencedFiles.reason(for: error, limit: limit))
        }
    }

    /// The whole content of a file that holds a secret, or may do so by mistake.
    func secretContent(of reference: FileReference, atMost limit: Int) throws(ConfigurationProblem) -> SecretBytes {
        do throws(UnreadableFile) {
            return try environment.secretContent(of: reference.path, maximum: limit)
        } catch {
            throw reference.problem(ReferencedFiles.reason(for: error, limit: limit))
        }
    }

    /// What a secret is, read from its file where it has one.
    func secret(_ credential: Credential) throws(ConfigurationProblem) -> SecretBytes {
        switch credential {
        case .inline(let secret): secret
        case .file(let reference): try SecretFile.read(reference, from: self)
        }
    }

    static func reason(for error: UnreadableFile, limit: Int) -> String {
        switch error {
        case .tooLong: "is longer than \(ByteCount.spelled(limit)), the most that such a file can have."
        case .failed(let reason): "cannot be read: \(reason)."
        }
    }
}

/// What a file says that holds nothing but a secret: a credential, or the key of a webhook.
enum SecretFile {
    private static let longestSecret = 4096

    /// The secret in the file: without the mark that some editors set in front, and without the line ends behind. No copy
    /// of it is left behind.
    static func read(_ reference: FileReference, from files: ReferencedFiles) throws(ConfigurationProblem)
        -> SecretBytes
    {
        let content = try files.secretContent(of: reference, atMost: FileLimit.secret)
        guard let place = content.withUnsafeBytes({ place(in: $0) }) else {
            throw reference.problem("is text in UTF-16, which would be a part of the secret. Save it as UTF-8.")
        }
        guard (1...longestSecret).contains(place.count) else {
            throw reference.problem("a secret has 1 to \(longestSecret) bytes, this one has \(place.count).")
        }
        return content.slice(place)
    }

    /// Where the secret stands in `content`; nil where that is in UTF-16.
    private static func place(in content: some BidirectionalCollection<UInt8>) -> Range<Int>? {
        let mark = ByteOrderMark(startOf: content)
        if mark == .utf16, isASCIIInUTF16(content) { return nil }
        let start = mark == .utf8 ? ByteOrderMark.utf8.length : 0
        let lineEnds = content.dropFirst(start).reversed().prefix { $0 == 0x0A || $0 == 0x0D }
        return start..<(content.count - lineEnds.count)
    }

    /// Whether the first character after the mark is ASCII: a key of random bytes can begin like a mark.
    private static func isASCIIInUTF16(_ content: some Collection<UInt8>) -> Bool {
        let units = content.dropFirst(ByteOrderMark.utf16.length).prefix(2)
        return content.count.isMultiple(of: 2) && units.count == 2 && units.filter { $0 == 0 }.count == 1
    }
}

/// What of a PEM file (RFC 7468) is no secret: a certificate often stands in one file with its key, of which no copy must be
/// left where nothing wipes it.
enum PublicPEM {
    private static let begin = Array("-----BEGIN ".utf8)
    private static let end = Array("-----END ".utf8)
    private static let key = Array("PRIVATE KEY-----".utf8)

    /// The text of `file` without its private keys; a comment stands for each.
    static func text(of file: SecretBytes) -> [UInt8] {
        file.withUnsafeBytes { text(of: $0) }
    }

    private static func text(of file: some Collection<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        var isInKey = false
        for line in file.split(separator: 0x0A, omittingEmptySubsequences: false) {
            if isInKey {
                isInKey = !line.starts(with: end)
            } else if line.starts(with: begin), line.contains(key) {
                isInKey = true
                text += Array("# -----BEGIN PRIVATE KEY-----\n".utf8)
            } else {
                text += line
                text.append(0x0A)
            }
        }
        return text
    }
}
