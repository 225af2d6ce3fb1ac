import Testing

/// The floors of the house: what stands on one imports nothing above it, and Core no operating system.
@Suite struct ImportTests {
    /// All that a target of Core may import beside the standard library.
    private static let allowed: [String: Set<String>] = [
        "MPushModel": ["NIOCore"],
        "MPushJSON": [],
        "MPushWire": ["MPushModel", "NIOCore"],
        "MPushSession": ["MPushModel", "MPushWire", "NIOCore"],
        "MPushSupervision": ["MPushModel"],
        "MPushRouting": ["MPushModel", "MPushJSON", "CPCRE2"],
        "MPushConfiguration": ["MPushModel", "MPushRouting", "CToml"],
        "MPushControl": ["MPushModel", "MPushJSON", "NIOCore"],
    ]

    private static let programs: Set<String> = ["mpushd", "mpushctl", "mpush-sim"]

    @Test func coreImportsOnlyWhatIsListed() throws {
        let files = try SourceFile.all(on: "Core")
        #expect(Set(files.compactMap { $0.path.dropFirst().first }) == Set(Self.allowed.keys))
        for file in files {
            let allowed = Self.allowed[file.path[1]] ?? []
            #expect(file.imports.subtracting(allowed).isEmpty, "\(file)")
        }
    }

    @Test func nothingImportsFoundationOrDispatch() throws {
        let banned: Set<String> = ["Foundation", "FoundationEssentials", "FoundationNetworking", "Dispatch"]
        for file in try SourceFile.all() {
            #expect(file.imports.isDisjoint(with: banned), "\(file)")
        }
    }

    @Test func theSimulatorIsNoPartOfTheDaemon() throws {
        for file in try SourceFile.all() where file.path[0] == "mpushd" || file.path.contains("MPushDaemon") {
            #expect(!file.imports.contains("MPushSimulator"), "\(file)")
        }
    }

    /// What bridges have in common is a library of programs: neither of the daemon, nor of the libraries that it is made of.
    @Test func nothingOfTheDaemonImportsABridge() throws {
        for file in try SourceFile.all() where file.path[0] != "Bridges" {
            #expect(!file.imports.contains("MPushBridge"), "\(file)")
        }
    }

    @Test func thereAreThreeFloorsAndThePrograms() throws {
        let floors = Set(try SourceFile.all().map { $0.path[0] })
        #expect(floors.subtracting(Self.programs).isSubset(of: ["System", "Core", "Shell", "Tools", "Bridges"]))
    }

    @Test(arguments: [
        ("package import NIOCore", "NIOCore"), ("@preconcurrency import A", "A"), ("import struct B.C", "B"),
        ("// import D", nil), ("let text = \"import E\"", nil), ("important()", nil),
    ])
    func importsAreFound(line: String, module: String?) {
        #expect(SourceFile(path: ["F.swift"], text: line).imports == Set([module].compactMap(\.self)))
    }
}
