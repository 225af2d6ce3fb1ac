// swift-tools-version: 6.2
// The house is described in README.md: System holds no logic, Core no I/O, Shell touches the operating system.
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
        .target(name: "CToml", path: "Sources/System/CToml", cxxSettings: [.define("TOML_EXCEPTIONS", to: "0")]),
        .target(name: "CLinux", path: "Sources/System/CLinux"),

        // Core
        core("MPushTime"),
        core("MPushSecret"),
        core("MPushCause", ["MPushTime"]),
        core("MPushWire", ["MPushTime", "MPushSecret", nioCore]),
        core("MPushSession", ["MPushTime", "MPushSecret", "MPushCause", "MPushWire", nioCore]),
        core("MPushSupervision", ["MPushTime", "MPushCause", "MPushConfiguration"]),
        core("MPushVersion"),
        core("MPushJSON"),
        core("MPushManual", ["MPushJSON"]),
        core("MPushRouting", ["MPushTime", "MPushJSON", "CPCRE2"]),
        core("MPushConfiguration", ["MPushTime", "MPushSecret", "MPushRouting", "CToml"]),
        core("MPushMetrics", ["MPushTime"]),
        core("MPushControl", ["MPushTime", "MPushJSON"]),

        // Shell
        shell("MPushCipher", ["COpenSSL", "CZlib", "MPushSecret", nioCore]),
        shell("MPushTLS", ["COpenSSL", "MPushPlatform", "MPushTime", "MPushSecret", "MPushCause", nioCore]),
        shell("MPushSystemd", ["CSystemd", "CLinux", "MPushTime"]),
        shell("MPushPlatform", ["CLinux", "MPushTime", "MPushSecret", nioCore, nioPosix]),
        shell("MPushTerminal", []),
        shell(
            "MPushNetwork",
            [
                "CLinux", "MPushPlatform", "MPushTime", "MPushCause", "MPushConfiguration", "MPushSupervision",
                "MPushTLS", nioCore, nioPosix, nioHTTP1,
            ]),
        shell(
            "MPushConnection",
            [
                "MPushPlatform", "MPushNetwork", "MPushTime", "MPushSecret", "MPushCause", "MPushWire", "MPushSession",
                "MPushCipher", "MPushTLS", nioCore,
            ]),
        shell(
            "MPushSettings",
            [
                "CLinux", "MPushPlatform", "MPushNetwork", "MPushTime", "MPushSecret", "MPushConfiguration",
                "MPushSession", "MPushSupervision", "MPushCipher", "MPushTLS", "MPushSystemd", nioCore,
            ]),
        shell(
            "MPushInbox",
            [
                "CSQLite", "CLinux", "MPushPlatform", "MPushTime", "MPushSecret", "MPushConfiguration", "MPushJSON",
                "MPushSession", "MPushCipher", "MPushSystemd", nioCore,
            ]),
        shell(
            "MPushDelivery",
            [
                "CLinux", "MPushPlatform", "MPushNetwork", "MPushTime", "MPushSecret", "MPushCause", "MPushJSON",
                "MPushRouting", "MPushConfiguration", "MPushSettings", "MPushInbox", "MPushCipher", "MPushTLS",
                "MPushSystemd", nioCore, nioPosix, nioHTTP1,
            ]),
        shell(
            "MPushLocalAPI",
            [
                "CLinux", "MPushPlatform", "MPushTime", "MPushJSON", "MPushControl", nioCore, nioPosix, nioHTTP1,
            ]),
        shell(
            "MPushDoctor",
            [
                "MPushPlatform", "MPushNetwork", "MPushConnection", "MPushSettings", "MPushTime", "MPushCause",
                "MPushSession", "MPushConfiguration", "MPushCipher", "MPushTLS", "MPushSystemd", "MPushControl",
                "MPushJSON", "MPushTerminal", nioCore, nioPosix,
            ]),
        shell(
            "MPushDaemon",
            [
                "CLinux", "MPushTime", "MPushSecret", "MPushCause", "MPushWire", "MPushSession", "MPushSupervision",
                "MPushConfiguration", "MPushJSON", "MPushRouting", "MPushMetrics", "MPushControl", "MPushCipher",
                "MPushTLS", "MPushSystemd", "MPushPlatform", "MPushNetwork", "MPushConnection", "MPushSettings",
                "MPushInbox", "MPushDelivery", "MPushLocalAPI", nioCore, nioPosix, nioHTTP1,
            ]),
        shell(
            "MPushSimulator",
            [
                "CLinux", "MPushTime", "MPushSecret", "MPushCause", "MPushWire", "MPushCipher", "MPushTLS", "COpenSSL",
                nioCore, nioPosix,
            ]),

        // Programs
        .executableTarget(
            name: "mpushd",
            dependencies: [
                "MPushVersion", "MPushDaemon", "MPushDoctor", "MPushControl", "MPushJSON", "MPushSettings",
                "MPushPlatform", "MPushConfiguration", "MPushSystemd", "CLinux", nioCore, nioPosix,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "mpushctl",
            dependencies: [
                "MPushVersion", "MPushControl", "MPushJSON", "MPushTime", "MPushPlatform", "MPushSystemd",
                "MPushTerminal", argumentParser,
            ], swiftSettings: strict),
        .executableTarget(
            name: "mpush-sim",
            dependencies: [
                "MPushSimulator", "MPushVersion", "MPushTime", "MPushSecret", "MPushCipher", "MPushTLS", "CLinux",
                nioCore, nioPosix, argumentParser,
            ], swiftSettings: strict),
        .executableTarget(
            name: "mpush-manual", dependencies: ["MPushManual", "MPushVersion", "MPushPlatform"], exclude: ["Pages"],
            swiftSettings: strict),

        // Tests
        .target(name: "MPushTestSupport", path: "Tests/Support", swiftSettings: strict),
        tests("MPushTimeTests", ["MPushTime"]),
        tests("MPushSecretTests", ["MPushSecret", "MPushTestSupport"]),
        tests("MPushWireTests", ["MPushWire", "MPushTestSupport", nioCore]),
        tests(
            "MPushSessionTests",
            [
                "MPushSession", "MPushTime", "MPushCause", "MPushSecret", "MPushWire", "MPushCipher",
                "MPushTestSupport", nioCore,
            ]),
        tests("MPushJSONTests", ["MPushJSON", "MPushTime", "MPushTestSupport"]),
        tests("MPushRoutingTests", ["MPushRouting", "MPushJSON", "MPushTime", "MPushTestSupport"]),
        tests("MPushMetricsTests", ["MPushMetrics", "MPushTime"]),
        tests("MPushControlTests", ["MPushControl", "MPushJSON", "MPushTime", "MPushTestSupport"]),
        tests("MPushSupervisionTests", ["MPushSupervision", "MPushConfiguration", "MPushTime", "MPushCause"]),
        tests("MPushConfigurationTests", ["MPushConfiguration", "MPushRouting", "MPushTime", "MPushTestSupport"]),
        tests("MPushCipherTests", ["MPushCipher", "MPushSecret", "MPushTestSupport", nioCore]),
        tests(
            "MPushTLSTests",
            [
                "MPushTLS", "MPushSimulator", "MPushTime", "MPushSecret", "MPushCause", "MPushTestSupport", nioCore,
                nioPosix, nioEmbedded,
            ]),
        tests(
            "MPushManualTests",
            ["MPushManual", "mpush-manual", "mpushd", "mpushctl", "mpush-sim", "MPushVersion", "MPushTestSupport"]),
        tests("MPushSystemdTests", ["MPushSystemd", "MPushTime", "MPushCause", "MPushTestSupport"]),
        tests(
            "MPushSimulatorTests",
            [
                "MPushSimulator", "mpush-sim", "MPushTime", "MPushSecret", "MPushWire", "MPushCipher", "MPushTLS",
                "MPushTestSupport", nioCore, nioPosix,
            ]),
        tests(
            "MPushInboxTests",
            [
                "MPushInbox", "CSQLite", "CLinux", "MPushConfiguration", "MPushPlatform", "MPushSession", "MPushSecret",
                "MPushTime",
                "MPushTestSupport", nioCore, nioPosix, nioEmbedded,
            ]),
        tests(
            "MPushDeliveryTests",
            [
                "MPushDelivery", "MPushSettings", "MPushInbox", "MPushRouting", "MPushConfiguration", "MPushNetwork",
                "MPushPlatform", "MPushSecret", "MPushCause",
                "MPushSession", "MPushSystemd", "MPushTLS", "MPushCipher", "MPushJSON", "MPushTime", "MPushSimulator",
                "CLinux", "MPushTestSupport", nioCore, nioPosix, nioHTTP1, nioEmbedded,
            ]),
        tests(
            "MPushLocalAPITests",
            [
                "MPushLocalAPI", "MPushControl", "MPushJSON", "MPushPlatform", "MPushTime", "CLinux",
                "MPushTestSupport", nioCore, nioPosix, nioHTTP1, nioEmbedded,
            ]),
        tests(
            "MPushCtlTests",
            [
                "mpushctl", "mpushd", "MPushTerminal", "MPushControl", "MPushJSON", "MPushPlatform", "MPushTime",
                "MPushSimulator", "MPushCipher", "MPushTLS", "MPushWire", "MPushTestSupport", nioCore, nioPosix,
                nioHTTP1,
            ]),
        tests(
            "MPushDaemonTests",
            [
                "MPushDaemon", "mpushd", "MPushSimulator", "MPushTime", "MPushSecret", "MPushCause", "MPushSession",
                "MPushConfiguration", "MPushCipher", "MPushTLS", "MPushSystemd", "MPushPlatform", "MPushNetwork",
                "MPushConnection", "MPushSettings", "MPushInbox", "MPushDelivery", "MPushControl", "MPushJSON",
                "MPushTestSupport", nioCore, nioPosix, nioEmbedded,
            ]),
        tests(
            "IntegrationTests",
            [
                "MPushPlatform", "MPushNetwork", "MPushConnection", "MPushSettings", "MPushInbox", "MPushDelivery",
                "MPushLocalAPI", "MPushControl", "MPushJSON", "MPushDaemon", "MPushSimulator", "MPushTime",
                "MPushSecret", "MPushCause", "MPushWire", "MPushSession",
                "MPushSupervision", "MPushConfiguration", "MPushCipher", "MPushTLS", "MPushSystemd", "MPushTestSupport",
                nioCore, nioPosix,
            ]),

        // Fuzzing: what the fuzzers run is a library, so that `make test` replays their corpus.
        .target(
            name: "MPushFuzzing",
            dependencies: [
                "MPushTime", "MPushSecret", "MPushCause", "MPushWire", "MPushSession", "MPushConfiguration",
                "MPushJSON", "MPushRouting", "MPushCipher", "MPushTLS", "MPushInbox", "MPushPlatform", "MPushNetwork",
                "MPushControl", "MPushLocalAPI", nioCore, nioPosix, nioEmbedded, nioHTTP1,
            ], path: "Tests/Fuzz/Support", swiftSettings: strict),
        tests(
            "FuzzCorpusTests",
            [
                "MPushFuzzing", "MPushSimulator", "MPushInbox", "MPushConfiguration", "MPushCause", "MPushSecret",
                "MPushSession", "MPushTLS", "MPushTime", "MPushTestSupport", nioCore,
            ]),
        tests("ArchitectureTests", []),

        // The crash test: a program, because it kills another one for a minute or for hours.
        .executableTarget(
            name: "mpush-crashtest",
            dependencies: ["MPushSimulator", "MPushCipher", "MPushTLS", "MPushTime", nioCore, nioPosix],
            path: "Tests/Crash",
            swiftSettings: strict),

        // Benchmarks
        .executableTarget(
            name: "mpush-bench",
            dependencies: [
                "COpenSSL", "CLinux", "MPushSimulator", "MPushTLS", "MPushCipher", "MPushSecret", "MPushWire", nioCore,
                nioPosix,
            ],
            path: "Tests/Benchmarks/mpush-bench", swiftSettings: strict),
        .executableTarget(
            name: "mpush-bare-reader", dependencies: ["COpenSSL"], path: "Tests/Benchmarks/bare-reader"),
        .executableTarget(
            name: "mpush-bare-inserter", dependencies: ["CSQLite"], path: "Tests/Benchmarks/bare-inserter"),
    ] + fuzzers,
    cxxLanguageStandard: .cxx17
)
