#ifndef MPUSH_CZLIB_SHIM_H
#define MPUSH_CZLIB_SHIM_H

// Makes z_stream.next_in a pointer to const, so that input need not be cast.
#define ZLIB_CONST
#include <zlib.h>

// inflateInit and deflateInit are macros that Swift does not import.
static inline int czlib_inflateInit(z_stream *stream) { return inflateInit(stream); }
static inline int czlib_deflateInit(z_stream *stream, int level) { return deflateInit(stream, level); }

#endif
