import Glibc

/// The thread sanitizer makes vfork(2) a fork(2): why a program could not be started does not come back to the daemon then.
package enum ThreadSanitizer {
    package static let isOn = dlsym(nil, "__tsan_init") != nil
}
