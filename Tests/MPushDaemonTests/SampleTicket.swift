import MPushModel
import MPushSession

extension SessionTicket {
    /// A ticket whose content is made of `number`.
    static func sample(_ number: UInt8 = 1, expires: WallTime? = WallTime(millisecondsSince1970: 1_800_000_000_000))
        -> SessionTicket?
    {
        let bytes = SecretBytes([UInt8](repeating: number, count: CipherKeys.length))
        return CipherKeys(key: bytes, iv: bytes).map {
            SessionTicket(
                sessionID: SecretBytes([0x2D, number, 0xFF]), keys: $0, deviceID: "device \(number), 推",
                client: "linux", expires: expires)
        }
    }
}
