#ifndef MPUSH_CNATS_SHIM_H
#define MPUSH_CNATS_SHIM_H

#include <nats/nats.h>

#endif
