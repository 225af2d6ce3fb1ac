#ifndef MPUSH_CPCRE2_SHIM_H
#define MPUSH_CPCRE2_SHIM_H

// Bytes, as the content of messages is. The macros of the names without a width (pcre2_compile and so on) are not
// imported by Swift: use those with the suffix _8.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#endif
