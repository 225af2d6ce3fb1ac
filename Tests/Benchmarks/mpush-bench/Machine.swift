import COpenSSL
import Glibc

/// Where the figures were measured.
struct Machine: Encodable {
    let processor: String
    let cores: Int
    let kernel: String
    let openssl: String
    /// The load average of the last minute, before the benchmark began: a busy machine measures badly.
    let loadBefore: Double

    init() {
        processor = Self.processorName ?? "unknown"
        cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        kernel = Self.kernelRelease
        openssl = OpenSSL_version(OPENSSL_VERSION).map { String(cString: $0) } ?? "unknown"
        loadBefore = Self.loadAverage
    }

    private static var processorName: String? {
        let lines = TextFile.read("/proc/cpuinfo")?.split(separator: "\n") ?? []
        guard let line = lines.first(where: { $0.hasPrefix("model name") }) else { return nil }
        return line.split(separator: ":", maxSplits: 1).last.map { String($0.drop { $0 == " " }) }
    }

    private static var kernelRelease: String {
        TextFile.read("/proc/sys/kernel/osrelease").map { String($0.prefix { $0 != "\n" }) } ?? "unknown"
    }

    private static var loadAverage: Double {
        TextFile.read("/proc/loadavg")?.split(separator: " ").first.flatMap { Double($0) } ?? .nan
    }
}
