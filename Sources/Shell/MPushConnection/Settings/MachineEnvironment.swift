import CLinux
import Glibc
package import MPushConfiguration
package import MPushModel
import MPushPlatform

/// This machine as a configuration sees it: the process's environment and the files it can reach.
package struct MachineEnvironment: ConfigurationSource, Sendable {
    package init() {}

    package func variable(named name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    package func inspect(_ path: String) -> FileCondition {
        var status = stat()
        guard stat(path, &status) == 0 else {
            return errno == ENOENT || errno == ENOTDIR ? .missing : .notReadable(reason: OSError.text(for: errno))
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .directory
        case S_IFREG: break
        default: return .special
        }
        guard access(path, R_OK) == 0 else { return .notReadable(reason: OSError.text(for: errno)) }
        return .readable(mode: status.st_mode & 0o7777, size: Int64(status.st_size))
    }

    package func content(of path: String, maximum: Int) throws(UnreadableFile) -> [UInt8] {
        do throws(OSError) { return try FileSystem.read(path, maximum: maximum) } catch { throw UnreadableFile(error) }
    }

    package func names(in directory: String) throws(UnreadableFile) -> [String] {
        switch inspect(directory) {
        case .missing: return []
        case .notReadable(let reason): throw .failed(reason: reason)
        case .directory: break
        case .readable, .special: throw .failed(reason: "is not a directory")
        }
        guard access(directory, R_OK | X_OK) == 0 else { throw .failed(reason: OSError.text(for: errno)) }
        return FileSystem.names(in: directory)
    }

    package func secretContent(of path: String, maximum: Int) throws(UnreadableFile) -> SecretBytes {
        do throws(OSError) {
            return try FileSystem.readSecret(path, maximum: maximum)
        } catch {
            throw UnreadableFile(error)
        }
    }

    package func group(named name: String) -> GroupCondition {
        switch SystemGroup.named(name) {
        case .none: return .missing
        case .failed(let error): return .unavailable(reason: OSError.text(for: error.number))
        case .found(let group):
            let map = NamespaceMap.groups()
            let isSeen = map.mayHave(group.number) && map.known(group.number) != nil
            return isSeen ? .known(group.number) : .hidden
        }
    }
}

extension UnreadableFile {
    fileprivate init(_ error: OSError) {
        self = error.number == EFBIG ? .tooLong : .failed(reason: OSError.text(for: error.number))
    }
}

/// The release of the running kernel (uname(2)), without what could not stand in a handshake.
enum KernelRelease {
    static func current() -> String {
        var text = [CChar](repeating: 0, count: 256)
        guard clinux_kernel_release(&text, text.count) == 0 else { return "unknown" }
        let release = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let plain = release.filter { $0 != "," && $0 > " " }
        return plain.isEmpty ? "unknown" : String(plain.prefix(64))
    }
}
