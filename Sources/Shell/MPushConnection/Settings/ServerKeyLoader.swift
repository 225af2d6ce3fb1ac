import MPushCipher
import MPushConfiguration

/// Reads the server's public key, and says what there is to say about it.
struct ServerKeyLoader {
    let setting: ServerPublicKey
    let transport: ServerTransport
    let files: ReferencedFiles

    func load() throws(ConfigurationProblem) -> RSAPublicKey {
        switch setting {
        case .file(let reference):
            let content = try files.secretContent(of: reference, atMost: FileLimit.key)
            do throws(CipherError) { return try RSAPublicKey(content) } catch { throw reference.problem("\(error).") }
        case .inline(let key):
            do throws(CipherError) {
                return try RSAPublicKey(key.base64)
            } catch {
                throw ConfigurationProblem(.error, at: key.location, "\(error).")
            }
        }
    }

    /// Nil for a key with which nothing is wrong.
    func warning(about key: RSAPublicKey) -> ConfigurationProblem? {
        if key.isPublishedDefault {
            return warning(
                "is MPush's published default, whose private half anyone can read. \(protection) "
                    + "Ask the server's operator to make a key pair of their own.")
        }
        guard key.bits < RSAPublicKey.leastSafeBits else { return nil }
        let habit = key.bits == 1024 ? ", as stock MPush has it" : ""
        return warning(
            "has \(key.bits) bits\(habit). An attacker with large resources can break such a key, and decrypt what was encrypted "
                + "with it. \(protection) A key of \(RSAPublicKey.leastSafeBits) bits is safe: the server's operator "
                + "can make one.")
    }

    private var protection: String {
        transport == .tls
            ? "TLS still protects this connection, but nothing else does."
            : "With transport = \"plaintext\" nothing protects this connection."
    }

    private func warning(_ message: String) -> ConfigurationProblem {
        ConfigurationProblem(.warning, at: setting.location, message)
    }
}
