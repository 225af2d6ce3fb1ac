// The yardstick of the inbox's benchmark: inserts rows like the daemon's with nothing but SQLite's C library.
//
// usage: mpush-bare-inserter DIRECTORY ROWS BATCH LENGTH
//
// The table, its index and the pragmas are those of the inbox (Sources/Shell/MPushInbox: Schema, InboxStore); each BATCH rows
// with contents of LENGTH bytes are one transaction with its sync. It writes the nanoseconds that all took, then the median
// and the 99th percentile of one transaction, then the same of a bare 4 KiB append with fdatasync(2) in the same directory.

#include <fcntl.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { syncs = 500 };

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void check(int good, const char *what) {
    if (good) return;
    fprintf(stderr, "mpush-bare-inserter: %s\n", what);
    exit(1);
}

static void run(sqlite3 *database, const char *sql) {
    check(sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK, sqlite3_errmsg(database));
}

static int by_size(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

// The keys are digests in the daemon: spread all over the index.
static uint64_t spread(uint64_t number) {
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9;
    number = (number ^ (number >> 27)) * 0x94D049BB133111EB;
    return number ^ (number >> 31);
}

int main(int count, char **arguments) {
    check(count == 5, "usage: mpush-bare-inserter DIRECTORY ROWS BATCH LENGTH");
    long rows = atol(arguments[2]), batch = atol(arguments[3]), length = atol(arguments[4]);
    check(rows > 0 && batch > 0 && length > 0 && length < 1 << 20, "ROWS, BATCH and LENGTH are above 0");
    char path[4096];
    check(snprintf(path, sizeof path, "%s/bare.db", arguments[1]) < (int)sizeof path, "DIRECTORY is too long");
    char *content = malloc((size_t)length);
    int64_t *times = malloc(sizeof *times * (size_t)(rows / batch + 1));
    check(content != NULL && times != NULL, "no memory");
    memset(content, 'x', (size_t)length);

    sqlite3 *database;
    check(sqlite3_open(path, &database) == SQLITE_OK, "the database cannot be made");
    run(database, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                  "PRAGMA cache_size = -512; PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = 4194304;"
                  "PRAGMA temp_store = MEMORY; PRAGMA secure_delete = FAST");
    run(database, "CREATE TABLE message(position INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB, identity TEXT NOT NULL,"
                  "user TEXT NOT NULL, received INTEGER NOT NULL, id TEXT, type INTEGER, awaits INTEGER NOT NULL,"
                  "size INTEGER NOT NULL, content BLOB NOT NULL);"
                  "CREATE INDEX message_key ON message(key) WHERE key IS NOT NULL");
    sqlite3_stmt *insert;
    check(sqlite3_prepare_v2(database, "INSERT INTO message(key, identity, user, received, id, type, awaits, size, content)"
                                       "VALUES (?1, 'alice', 'alice', ?2, ?3, 2, 0, ?4, ?5)",
                             -1, &insert, NULL) == SQLITE_OK, sqlite3_errmsg(database));

    long transactions = 0;
    int64_t start = now(), last = start;
    for (long row = 0; row < rows; transactions++) {
        run(database, "BEGIN IMMEDIATE");
        for (long end = row + batch; row < end && row < rows; row++) {
            uint64_t key[2] = {spread((uint64_t)row + 1), (uint64_t)row};
            char id[24];
            snprintf(id, sizeof id, "%010ld", row);
            sqlite3_bind_blob(insert, 1, key, sizeof key, SQLITE_STATIC);
            sqlite3_bind_int64(insert, 2, 1795618265000 + row);
            sqlite3_bind_text(insert, 3, id, -1, SQLITE_STATIC);
            sqlite3_bind_int64(insert, 4, length);
            sqlite3_bind_blob(insert, 5, content, (int)length, SQLITE_STATIC);
            check(sqlite3_step(insert) == SQLITE_DONE, sqlite3_errmsg(database));
            sqlite3_reset(insert);
        }
        run(database, "COMMIT");
        int64_t end = now();
        times[transactions] = end - last;
        last = end;
    }
    int64_t elapsed = last - start;
    sqlite3_finalize(insert);
    sqlite3_close(database);
    qsort(times, (size_t)transactions, sizeof *times, by_size);

    check(snprintf(path, sizeof path, "%s/bare.sync", arguments[1]) < (int)sizeof path, "DIRECTORY is too long");
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    check(file >= 0, "no file to sync");
    static char block[4096];
    int64_t sync[syncs];
    for (int number = 0; number < syncs; number++) {
        int64_t before = now();
        check(write(file, block, sizeof block) == sizeof block && fdatasync(file) == 0, "the disk does not sync");
        sync[number] = now() - before;
    }
    close(file);
    qsort(sync, syncs, sizeof *sync, by_size);
    printf("%lld %lld %lld %lld %lld\n", (long long)elapsed, (long long)times[transactions / 2],
           (long long)times[transactions * 99 / 100], (long long)sync[syncs / 2], (long long)sync[syncs * 99 / 100]);
    return 0;
}
