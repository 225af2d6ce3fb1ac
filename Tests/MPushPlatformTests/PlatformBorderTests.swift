import Foundation
import Glibc
import MPushTestSupport
import NIOCore
import Testing

@testable import MPushPlatform

/// What the system hands over, and what it refuses.
@Suite struct PlatformBorderTests {
    /// readdir(3) hands out entries from a buffer of 32 KiB, of which the last one ends where the buffer does. The address
    /// sanitizer sees who reads beyond it.
    @Test func namesOfADirectoryThatFillsMoreThanABuffer() throws {
        let directory = try TemporaryDirectory()
        let names = (0..<1300).map { "f\($0)" } + [String(repeating: "n", count: 255), "ä\u{1F6A8}"]
        for name in names {
            let descriptor = open(directory.path(name), O_CREAT | O_WRONLY, 0o600)
            try #require(descriptor >= 0)
            close(descriptor)
        }
        #expect(FileSystem.names(in: directory.path("")).sorted() == names.sorted())
        #expect(FileSystem.names(in: directory.path("missing")).isEmpty)
    }

    /// A file is nothing that an event loop can wait for.
    @Test func whatTheLoopCannotWaitForIsAnError() async throws {
        let operation = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<String>) in
            let descriptor = open("/etc/passwd", O_RDONLY)
            do throws(OSError) {
                _ = try DescriptorReader.register(descriptor, on: eventLoop) { _ in }
                promise.succeed("registered")
            } catch {
                promise.succeed(error.operation)
            }
            close(descriptor)
        }
        #expect(operation == "epoll_ctl")
    }

    /// More than a pipe holds, to a reader that comes later.
    @Test(arguments: [0, 1, 300_000]) func allIsWrittenAlsoWhereTheDescriptorDoesNotBlock(count: Int) throws {
        var ends: [CInt] = [-1, -1]
        try #require(pipe(&ends) == 0)
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        let content = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let (reader, writer) = (ends[0], ends[1])
        try ShortThreads().run {
            _ = FileSystem.writeAll(content, to: writer)
            close(writer)
        }
        var read: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let size = Glibc.read(reader, &chunk, chunk.count)
            guard size > 0 else { break }
            read += chunk[..<size]
        }
        close(reader)
        #expect(read == content)
    }

    @Test func aWriteThatFailsSaysWhy() {
        #expect(FileSystem.writeAll([1], to: -1) == OSError(EBADF, "write"))
    }

    @Test func stringsForCEndWithNull() {
        let list = CStringList([Array("one".utf8), [], Array("t\u{0}wo".utf8)])
        let texts = list.withPointers { pointers in (0...3).map { pointers[$0].map { String(cString: $0) } } }
        #expect(texts == ["one", "", "t", nil])
    }
}
