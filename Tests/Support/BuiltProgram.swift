package import Foundation

/// Programs run to their end: the built ones, which lie beside the tests, or any other.
package enum BuiltProgram {
    package struct Outcome {
        package let status: Int32
        package let output: String
        package let complaint: String

        package init(status: Int32, output: String, complaint: String) {
            self.status = status
            self.output = output
            self.complaint = complaint
        }
    }

    /// Where the built program `name` is.
    package static func url(_ name: String) throws -> URL {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: tests).deletingLastPathComponent().appending(path: name)
    }

    /// Runs the built program `name`, or the one at an absolute path, with nothing on its standard input.
    package static func run(
        _ name: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws -> Outcome {
        let process = Process()
        let (output, complaint) = (Pipe(), Pipe())
        process.executableURL = name.hasPrefix("/") ? URL(filePath: name) : try url(name)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = complaint
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        let complained = try complaint.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: String(decoding: said, as: UTF8.self),
            complaint: String(decoding: complained, as: UTF8.self))
    }
}
