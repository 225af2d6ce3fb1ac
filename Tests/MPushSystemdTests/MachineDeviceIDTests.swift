import Foundation
import MPushSystemd
import Testing

@Suite struct MachineDeviceIDTests {
    private static let hasMachineID = (try? MachineDeviceID.derive()) != nil

    @Test(.enabled(if: hasMachineID, "this machine has no machine id"))
    func isTheSameEachTimeAndAnotherForEachIdentity() throws {
        let names = ["", "home", "work", "Home", "home "]
        let ids = try [MachineDeviceID.derive()] + names.map { try MachineDeviceID.derive(identity: $0) }
        #expect(Set(ids).count == ids.count)
        #expect(try ids == [MachineDeviceID.derive()] + names.map { try MachineDeviceID.derive(identity: $0) })
        for id in ids { #expect(id.wholeMatch(of: /[0-9a-f]{32}/) != nil) }
    }

    @Test(.enabled(if: hasMachineID, "this machine has no machine id"))
    func isMarkedAsARandomUUIDAndHidesTheMachineID() throws {
        let id = try MachineDeviceID.derive()
        #expect(id.wholeMatch(of: /.{12}4.{3}[89ab].{15}/) != nil)
        let machine = try String(contentsOfFile: "/etc/machine-id", encoding: .utf8)
        #expect(id != machine.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    @Test func saysWhyThereIsNone() {
        #expect(MachineIDError(errno: ENOENT) == .missing)
        #expect(MachineIDError(errno: ENOMEDIUM) == .notSet)
        #expect(MachineIDError(errno: EIO) == .malformed)
        #expect(MachineIDError(errno: EACCES) == .unreadable(errno: EACCES))
        #expect("\(MachineIDError.unreadable(errno: EACCES))".hasSuffix("Permission denied"))
    }
}
