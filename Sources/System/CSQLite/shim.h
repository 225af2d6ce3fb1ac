#ifndef MPUSH_CSQLITE_SHIM_H
#define MPUSH_CSQLITE_SHIM_H

#include <sqlite3.h>

// SQLITE_TRANSIENT and SQLITE_STATIC are casts, which Swift does not import.
static inline sqlite3_destructor_type csqlite_transient(void) { return SQLITE_TRANSIENT; }
static inline sqlite3_destructor_type csqlite_static(void) { return SQLITE_STATIC; }


// sqlite3_db_config has a variable argument list, which Swift does not import. The default of 100 slots of 1200 bytes is
// more than one connection with a few small statements needs.
static inline void csqlite_use_small_lookaside(sqlite3 *db) {
    sqlite3_db_config(db, SQLITE_DBCONFIG_LOOKASIDE, (void *)0, 256, 64);
}

#endif
