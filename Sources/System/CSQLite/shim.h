#ifndef MPUSH_CSQLITE_SHIM_H
#define MPUSH_CSQLITE_SHIM_H

#include <sqlite3.h>

// SQLITE_TRANSIENT and SQLITE_STATIC are casts, which Swift does not import.
static inline sqlite3_destructor_type csqlite_transient(void) { return SQLITE_TRANSIENT; }
static inline sqlite3_destructor_type csqlite_static(void) { return SQLITE_STATIC; }

// sqlite3_db_config has a variable argument list, which Swift does not import. The default of 100 slots of 1200 bytes is
// more than one connection with a few small statements needs.
static inline int csqlite_use_small_lookaside(sqlite3 *db) {
    return sqlite3_db_config(db, SQLITE_DBCONFIG_LOOKASIDE, (void *)0, 256, 64);
}

// Has the length of the log after each transaction, in pages, written to `pages`, and no checkpoint made for it: where SQLite
// makes one, it does not say that it failed. To be taken back, with a null pointer, before `pages` is freed.
static int csqlite_note_log(void *pages, sqlite3 *db, const char *name, int count) {
    (void)db;
    (void)name;
    *(int *)pages = count;
    return SQLITE_OK;
}
static inline void csqlite_watch_log(sqlite3 *db, int *pages) {
    sqlite3_wal_hook(db, pages ? csqlite_note_log : 0, pages);
}

// Leaves the log beside the database when that is closed.
static inline int csqlite_keep_log(sqlite3 *db) {
    return sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

// sqlite3_test_control has a variable argument list as well. It seeds the generator of random numbers that all databases of
// the process draw from, so that a simulation can be repeated.
static inline int csqlite_seed_randomness(unsigned int seed) {
    return sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, (int)seed, (sqlite3 *)0);
}

// Has SQLite's file system for Unix call these in place of read(2), pread(2) and pread64 (sqlite3_vfs, xSetSystemCall): which
// of them it uses depends on how it was built.
static inline void csqlite_use_reads(sqlite3_syscall_ptr read, sqlite3_syscall_ptr pread, sqlite3_syscall_ptr pread64) {
    sqlite3_vfs *vfs = sqlite3_vfs_find((const char *)0);
    if (!vfs || vfs->iVersion < 3 || !vfs->xSetSystemCall) return;
    vfs->xSetSystemCall(vfs, "read", read);
    vfs->xSetSystemCall(vfs, "pread", pread);
    vfs->xSetSystemCall(vfs, "pread64", pread64);
}

// A file that is not what it should be: nothing that its schema holds runs, and no statement can make it worse
// (sqlite.org/security.html). The first result that is not SQLITE_OK.
static inline int csqlite_distrust(sqlite3 *db) {
    static const int settings[][2] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1}, {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0}, {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
        {SQLITE_DBCONFIG_ENABLE_VIEW, 0}, {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
    };
    for (unsigned index = 0; index < sizeof settings / sizeof settings[0]; index++) {
        int result = sqlite3_db_config(db, settings[index][0], settings[index][1], (int *)0);
        if (result != SQLITE_OK) return result;
    }
    return SQLITE_OK;
}

#endif
