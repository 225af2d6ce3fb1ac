#ifndef MPUSH_CZLIB_SHIM_H
#define MPUSH_CZLIB_SHIM_H

// Makes z_stream.next_in a pointer to const, so that input need not be cast.
#define ZLIB_CONST
#include <zlib.h>

// inflateInit and deflateInit are macros that Swift does not import.
static inline int czlib_inflateInit(z_stream *stream) { return inflateInit(stream); }
static inline int czlib_deflateInit(z_stream *stream, int level) { return deflateInit(stream, level); }

// Where the stream reads, and where it writes. In C, because bytes without a type need no cast there. zlib keeps the
// pointers: they must not be used once the memory is given back.
static inline void czlib_setInput(z_stream *stream, const void *bytes, unsigned int count) {
    stream->next_in = (const Bytef *)bytes;
    stream->avail_in = count;
}
static inline void czlib_setOutput(z_stream *stream, void *room, unsigned int count) {
    stream->next_out = (Bytef *)room;
    stream->avail_out = count;
}

#endif
