import MPushTime

extension Duration {
    /// The whole microseconds in this duration, cut towards zero: systemd's unit (`_USEC`).
    var wholeMicroseconds: Int64 { wholeNanoseconds / 1000 }
}
