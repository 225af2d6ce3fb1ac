// swift-tools-version: 6.2
// The house is described in docs/ARCHITECTURE.md: System holds no logic, Core no I/O, Shell touches the operating system.
// An arrow between targets only ever points down, and the import check of `make test` holds it so.

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

func core(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Core/\(name)", swiftSettings: strict)
}

func shell(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Shell/\(name)", swiftSettings: strict)
}

func system(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/System/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// A program that publishes to a broker: what it says to the broker's library, and the rest from MPushBridge.
func bridge(_ broker: String, _ libraries: [Target.Dependency]) -> Target {
    .executableTarget(
        name: "mpush-bridge-\(broker)",
        dependencies: libraries + ["MPushBridge", "MPushModel", "MPushRouting", "MPushPlatform"],
        path: "Sources/Bridges/mpush-bridge-\(broker)", swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)",
        swiftSettings: strict)
}

/// The fuzzer itself links with libFuzzer alone: Tests/Fuzz/run.sh builds it. Its targets are listed in
/// Tests/Fuzz/Support/FuzzTarget.swift.
let fuzzers: [Target] =
    Context.environment["FUZZ"] == nil
    ? []
    : [
        .target(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
        .executableTarget(
            name: "mpush-fuzz", dependencies: ["CFuzzer", "MPushFuzzing"], path: "Tests/Fuzz/Fuzzer",
            swiftSettings: strict),
    ]

let package = Package(
    name: "mpushd",
    products: [
        .executable(name: "mpushd", targets: ["mpushd"]),
        .executable(name: "mpushctl", targets: ["mpushctl"]),
        .executable(name: "mpush-sim", targets: ["mpush-sim"]),
        .executable(name: "mpush-bridge-mqtt", targets: ["mpush-bridge-mqtt"]),
        .executable(name: "mpush-bridge-nats", targets: ["mpush-bridge-nats"]),
        .executable(name: "mpush-bridge-kafka", targets: ["mpush-bridge-kafka"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", .upToNextMinor(from: "2.101.2")),
        .package(url: "https://github.com/apple/swift-argument-parser", .upToNextMinor(from: "1.8.2")),
    ],
    targets: [
        // System
        system("COpenSSL", pkgConfig: "openssl", apt: "libssl-dev"),
        system("CSystemd", pkgConfig: "libsystemd", apt: "libsystemd-dev"),
        system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        system("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
        system("CPCRE2", pkgConfig: "libpcre2-8", apt: "libpcre2-dev"),
        system("CMosquitto", pkgConfig: "libmosquitto", apt: "libmosquitto-dev"),
        system("CNATS", pkgConfig: "libnats", apt: "libnats-dev"),
        system("CKafka", pkgConfig: "rdkafka", apt: "librdkafka-dev"),
        .target(name: "CToml", path: "Sources/System/CToml", cxxSettings: [.define("TOML_EXCEPTIONS", to: "0")]),
        .target(name: "CLinux", path: "Sources/System/CLinux"),

        // Core
        core("MPushModel", [nioCore]),
        core("MPushJSON"),
        core("MPushWire", ["MPushModel", nioCore]),
        core("MPushSession", ["MPushModel", "MPushWire", nioCore]),
        core("MPushSupervision", ["MPushModel"]),
        core("MPushRouting", ["MPushModel", "MPushJSON", "CPCRE2"]),
        core("MPushConfiguration", ["MPushModel", "MPushRouting", "CToml"]),
        core("MPushControl", ["MPushModel", "MPushJSON", nioCore]),

        // Shell
        shell("MPushPlatform", ["CLinux", "MPushModel", nioCore, nioPosix]),
        shell("MPushCipher", ["COpenSSL", "CZlib", "MPushModel", nioCore]),
        shell("MPushTLS", ["COpenSSL", "MPushPlatform", "MPushModel", nioCore]),
        shell("MPushSystemd", ["CSystemd", "CLinux", "MPushPlatform", "MPushModel"]),
        shell(
            "MPushConnection",
            [
                "CLinux", "MPushModel", "MPushWire", "MPushSession", "MPushSupervision", "MPushConfiguration",
                "MPushPlatform", "MPushCipher", "MPushTLS", "MPushSystemd", nioCore, nioPosix, nioHTTP1,
            ]),
        shell(
            "MPushInbox",
            [
                "CSQLite", "CLinux", "MPushModel", "MPushJSON", "MPushSession", "MPushConfiguration", "MPushPlatform",
                "MPushCipher", nioCore,
            ]),
        shell(
            "MPushDelivery",
            [
                "MPushModel", "MPushJSON", "MPushSession", "MPushRouting", "MPushConfiguration",
                "MPushPlatform", "MPushCipher", "MPushTLS", "MPushSystemd", "MPushConnection", "MPushInbox", nioCore,
            ]),
        shell(
            "MPushIdentity",
            [
                "MPushModel", "MPushWire", "MPushSession", "MPushSupervision", "MPushConfiguration", "MPushControl",
                "MPushPlatform", "MPushCipher", "MPushTLS", "MPushSystemd", "MPushConnection", "MPushInbox", nioCore,
            ]),
        shell(
            "MPushLocalAPI",
            [
                "CLinux", "MPushModel", "MPushJSON", "MPushWire", "MPushSession", "MPushConfiguration", "MPushControl",
                "MPushPlatform", "MPushTLS", "MPushConnection", "MPushInbox", "MPushDelivery",
                "MPushIdentity", nioCore, nioPosix, nioHTTP1,
            ]),
        shell(
            "MPushDoctor",
            [
                "MPushModel", "MPushJSON", "MPushSession", "MPushConfiguration", "MPushControl", "MPushPlatform",
                "MPushTLS", "MPushSystemd", "MPushConnection", nioCore,
            ]),
        shell(
            "MPushDaemon",
            [
                "MPushModel", "MPushConfiguration", "MPushControl", "MPushPlatform", "MPushTLS",
                "MPushSystemd", "MPushConnection", "MPushInbox", "MPushDelivery", "MPushIdentity", "MPushLocalAPI",
                nioCore,
            ]),
        shell(
            "MPushSimulator",
            [
                "COpenSSL", "MPushModel", "MPushPlatform", "MPushWire", "MPushCipher", "MPushTLS", nioCore,
                nioPosix,
            ]),

        // Programs
        .executableTarget(
            name: "mpushd",
            dependencies: [
                "MPushModel", "MPushJSON", "MPushConfiguration", "MPushControl", "MPushPlatform", "MPushSystemd",
                "MPushConnection", "MPushDoctor", "MPushDaemon", "CLinux", nioCore, nioPosix,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "mpushctl",
            dependencies: [
                "CLinux", "MPushModel", "MPushJSON", "MPushControl", "MPushPlatform", nioCore, argumentParser,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "mpush-sim",
            dependencies: [
                "MPushSimulator", "MPushModel", "MPushPlatform", "MPushCipher", "MPushTLS", "CLinux", nioCore, nioPosix,
                argumentParser,
            ], swiftSettings: strict),
        bridge("mqtt", ["CMosquitto"]),
        bridge("nats", ["CNATS"]),
        bridge("kafka", ["CKafka", "CLinux"]),

        // What bridges have in common: a library of programs, which nothing of the daemon depends on.
        .target(
            name: "MPushBridge", dependencies: ["CLinux", "MPushModel", "MPushJSON", "MPushRouting", "MPushPlatform"],
            path: "Sources/Bridges/MPushBridge", swiftSettings: strict),

        // Tools: the manual and the completions are made with them; nothing of them is installed.
        .target(
            name: "MPushManual", dependencies: ["MPushJSON", "MPushControl", "MPushModel"],
            path: "Sources/Tools/MPushManual", swiftSettings: strict),
        .executableTarget(
            name: "mpush-manual", dependencies: ["MPushManual", "MPushConfiguration", "MPushModel", "MPushPlatform"],
            path: "Sources/Tools/mpush-manual", exclude: ["Pages"], swiftSettings: strict),

        // Tests
        .target(
            name: "MPushTestSupport",
            dependencies: ["MPushModel", "MPushControl", "MPushPlatform", nioCore, nioPosix],
            path: "Tests/Support",
            swiftSettings: strict),
        tests("MPushModelTests", ["MPushModel", "MPushTestSupport"]),
        tests("MPushWireTests", ["MPushWire", "MPushModel", "MPushTestSupport", nioCore]),
        tests(
            "MPushSessionTests",
            [
                "MPushSession", "MPushModel", "MPushWire", "MPushCipher", "MPushTestSupport", nioCore,
            ]),
        tests("MPushJSONTests", ["MPushJSON", "MPushModel", "MPushTestSupport"]),
        tests("MPushRoutingTests", ["MPushRouting", "MPushJSON", "MPushModel", "MPushTestSupport"]),
        tests("MPushControlTests", ["MPushControl", "MPushJSON", "MPushModel", "MPushTestSupport", nioCore]),
        tests("MPushSupervisionTests", ["MPushSupervision", "MPushConfiguration", "MPushModel"]),
        tests(
            "MPushConfigurationTests",
            [
                "MPushConfiguration", "MPushRouting", "MPushModel", "MPushTestSupport",
            ]),
        tests("MPushCipherTests", ["MPushCipher", "MPushModel", "MPushTestSupport", nioCore]),
        tests(
            "MPushTLSTests",
            [
                "MPushTLS", "MPushSimulator", "MPushModel", "MPushPlatform", "MPushTestSupport", nioCore, nioPosix,
                nioEmbedded,
            ]),
        tests(
            "MPushPlatformTests", ["MPushPlatform", "MPushModel", "MPushTestSupport", nioCore, nioPosix, nioEmbedded]),
        tests(
            "MPushConnectionTests",
            [
                "MPushConnection", "MPushSimulator", "MPushModel", "MPushSession", "MPushSupervision",
                "MPushConfiguration", "MPushCipher", "MPushTLS", "MPushPlatform", "CLinux", "MPushTestSupport", nioCore,
                nioPosix, nioEmbedded,
            ]),
        tests(
            "MPushDoctorTests",
            [
                "MPushDoctor", "MPushConnection", "MPushConfiguration", "MPushControl", "MPushModel", "MPushPlatform",
                "MPushSimulator", "MPushCipher", "MPushTLS", "MPushTestSupport", nioCore, nioPosix,
            ]),
        tests(
            "MPushManualTests",
            [
                "MPushManual", "mpush-manual", "mpushd", "mpushctl", "mpush-sim", "mpush-bridge-mqtt",
                "MPushConfiguration",
                "MPushJSON", "MPushModel", "MPushTestSupport",
            ]),
        tests("MPushSystemdTests", ["MPushSystemd", "MPushModel", "MPushPlatform", "MPushTestSupport"]),
        tests(
            "MPushSimulatorTests",
            [
                "MPushSimulator", "mpush-sim", "mpushd", "mpushctl", "MPushModel", "MPushPlatform", "MPushWire",
                "MPushCipher", "MPushTLS", "MPushTestSupport", nioCore, nioPosix,
            ]),
        tests(
            "MPushInboxTests",
            [
                "MPushInbox", "CSQLite", "CLinux", "MPushConfiguration", "MPushPlatform", "MPushSession",
                "MPushModel", "MPushTestSupport", nioCore, nioPosix, nioEmbedded,
            ]),
        tests(
            "MPushDeliveryTests",
            [
                "MPushDelivery", "MPushConnection", "MPushInbox", "MPushRouting", "MPushConfiguration",
                "MPushPlatform", "MPushModel", "MPushSession", "MPushSystemd", "MPushTLS", "MPushCipher",
                "MPushJSON", "MPushSimulator", "CLinux", "MPushTestSupport", nioCore, nioPosix, nioHTTP1,
                nioEmbedded,
            ]),
        tests(
            "MPushLocalAPITests",
            [
                "MPushLocalAPI", "MPushDelivery", "MPushRouting", "MPushControl", "MPushJSON", "MPushPlatform",
                "MPushModel", "CLinux", "MPushTestSupport", nioCore, nioPosix, nioHTTP1, nioEmbedded,
            ]),
        tests(
            "MPushCtlTests",
            [
                "mpushctl", "mpushd", "MPushModel", "MPushControl", "MPushJSON", "MPushPlatform", "MPushSimulator",
                "MPushCipher", "MPushTLS", "MPushWire", "MPushTestSupport", nioCore, nioPosix, nioHTTP1,
            ]),
        tests(
            "MPushBridgeTests",
            [
                "MPushBridge", "mpush-bridge-mqtt", "mpush-bridge-nats", "mpush-bridge-kafka", "CKafka", "MPushModel",
                "MPushJSON", "MPushRouting", "MPushTestSupport",
            ]),
        tests(
            "MPushDaemonTests",
            [
                "MPushDaemon", "MPushIdentity", "mpushd", "MPushSimulator", "MPushModel", "MPushSession",
                "MPushSupervision", "MPushWire",
                "MPushConfiguration",
                "MPushCipher", "MPushTLS", "MPushSystemd", "MPushPlatform", "MPushConnection", "MPushInbox",
                "MPushDelivery", "MPushLocalAPI", "MPushControl", "MPushJSON", "MPushTestSupport", nioCore, nioPosix,
                nioEmbedded,
            ]),
        tests(
            "IntegrationTests",
            [
                "MPushPlatform", "MPushConnection", "MPushInbox", "MPushDelivery", "MPushLocalAPI", "MPushControl",
                "MPushJSON", "MPushDaemon", "MPushSimulator", "MPushModel", "MPushWire", "MPushSession",
                "MPushSupervision", "MPushConfiguration", "MPushCipher", "MPushTLS", "MPushSystemd", "MPushIdentity",
                "MPushTestSupport", nioCore, nioPosix,
            ]),

        // Fuzzing: what the fuzzers run is a library, so that `make test` replays their corpus.
        .target(
            name: "MPushFuzzing",
            dependencies: [
                "MPushModel", "MPushWire", "MPushSession", "MPushConfiguration", "MPushJSON", "MPushRouting",
                "MPushCipher", "MPushTLS", "MPushInbox", "MPushPlatform", "MPushConnection", "MPushControl",
                "MPushLocalAPI", nioCore, nioPosix, nioEmbedded, nioHTTP1,
            ], path: "Tests/Fuzz/Support", swiftSettings: strict),
        tests(
            "FuzzCorpusTests",
            [
                "MPushFuzzing", "MPushSimulator", "MPushInbox", "MPushConfiguration", "MPushModel", "MPushSession",
                "MPushTLS", "MPushTestSupport", nioCore,
            ]),
        tests("ArchitectureTests", []),

        // The crash test: a program, because it kills another one for a minute or for hours.
        .executableTarget(
            name: "mpush-crashtest",
            dependencies: [
                "MPushSimulator", "MPushPlatform", "MPushCipher", "MPushTLS", "MPushModel", "MPushTestSupport", nioCore,
                nioPosix,
            ],
            path: "Tests/Crash",
            swiftSettings: strict),

        // The simulated world: what stands in for the operating system, so that years of trouble take minutes.
        .target(
            name: "MPushWorld",
            dependencies: ["CLinux", "CSQLite", "MPushModel", "MPushPlatform", "MPushSimulator", nioCore],
            path: "Tests/Simulation/World", swiftSettings: strict),
        .target(
            name: "CRandomness", dependencies: ["COpenSSL"], path: "Tests/Simulation/CRandomness"),
        .target(
            name: "MPushScene",
            dependencies: [
                "CRandomness", "CLinux", "MPushWorld", "MPushModel", "MPushJSON", "MPushConfiguration", "MPushControl",
                "MPushPlatform",
                "MPushCipher", "MPushSystemd", "MPushConnection", "MPushInbox", "MPushDelivery", "MPushIdentity",
                "MPushLocalAPI", "MPushDaemon", "MPushSimulator", "MPushTLS", nioCore, nioHTTP1,
            ], path: "Tests/Simulation/Scene", swiftSettings: strict),
        .executableTarget(
            name: "mpush-world", dependencies: ["MPushScene", "MPushWorld"], path: "Tests/Simulation/mpush-world",
            swiftSettings: strict),
        .testTarget(
            name: "MPushWorldTests",
            dependencies: [
                "MPushWorld", "MPushScene", "CSQLite", "MPushCipher", "MPushConfiguration", "MPushControl",
                "MPushInbox",
                "MPushLocalAPI", "MPushModel", "MPushPlatform", "MPushTLS", "MPushSimulator", "MPushTestSupport",
                nioCore,
            ],
            path: "Tests/Simulation/WorldTests", swiftSettings: strict),

        // Benchmarks
        .executableTarget(
            name: "mpush-bench",
            dependencies: [
                "COpenSSL", "CLinux", "MPushSimulator", "MPushPlatform", "MPushTLS", "MPushCipher", "MPushModel",
                "MPushWire", "MPushInbox", "MPushConfiguration",
                nioCore, nioPosix,
            ],
            path: "Tests/Benchmarks/mpush-bench", swiftSettings: strict),
        .executableTarget(
            name: "mpush-bare-reader", dependencies: ["COpenSSL"], path: "Tests/Benchmarks/bare-reader"),
        .executableTarget(
            name: "mpush-bare-inserter", dependencies: ["CSQLite"], path: "Tests/Benchmarks/bare-inserter"),
    ] + fuzzers,
    cxxLanguageStandard: .cxx17
)
