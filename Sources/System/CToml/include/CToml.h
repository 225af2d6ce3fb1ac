#ifndef MPUSH_CTOML_H
#define MPUSH_CTOML_H

// A C face of toml++ (TOML 1.0): text in, one flat array of nodes out. No logic beyond that, and no exception
// crosses it.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a node holds. Dates and times are told apart from the rest and not read: no caller wants one.
typedef enum ctoml_kind {
    CTOML_TABLE,
    CTOML_ARRAY,
    CTOML_STRING,
    CTOML_INTEGER,
    CTOML_FLOAT,
    CTOML_BOOLEAN,
    CTOML_DATE_OR_TIME,
} ctoml_kind;

/// Where something stands in the text; both numbers count from 1, columns count characters.
typedef struct ctoml_position {
    uint32_t line;
    uint32_t column;
} ctoml_position;

/// UTF-8 of a given length, not terminated (it may hold NUL). It lives as long as the document.
typedef struct ctoml_text {
    const char *_Nullable bytes;
    size_t length;
} ctoml_text;

/// One value. What does not apply to its kind is zero.
typedef struct ctoml_node {
    ctoml_kind kind;
    ctoml_position position;
    /// The key that names this node; empty below an array.
    ctoml_text key;
    ctoml_position key_position;
    /// Tables and arrays: the children are nodes first_child ..< first_child + child_count. They always come after
    /// their parent.
    size_t first_child;
    size_t child_count;
    ctoml_text string;
    int64_t integer;
    double floating;
    bool boolean;
} ctoml_node;

typedef struct ctoml_document ctoml_document;

/// Parses `length` bytes at `text`, which are copied. NULL where memory ran out; anything else is to be given to ctoml_free.
/// The caller bounds the length and the dots in a key: toml++ 3.3 recurses once for each.
ctoml_document *_Nullable ctoml_parse(const uint8_t *_Nonnull text, size_t length);

/// Gives back all that `document` holds.
void ctoml_free(ctoml_document *_Nullable document);

/// What is wrong with the text's syntax; the length is 0 where nothing is.
ctoml_text ctoml_error(const ctoml_document *_Nonnull document);

/// Where the syntax error was met.
ctoml_position ctoml_error_position(const ctoml_document *_Nonnull document);

/// The nodes, the root table first; NULL and 0 where the syntax is wrong.
const ctoml_node *_Nullable ctoml_nodes(const ctoml_document *_Nonnull document, size_t *_Nonnull count);

#ifdef __cplusplus
}
#endif

#endif
